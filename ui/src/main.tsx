import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app";
import "./app.css";
import { chooseHost } from "./host/choose";
import { applyTheme } from "./shell/theme";

applyTheme();
const root = document.getElementById("root");
if (root) {
  const host = await chooseHost();
  createRoot(root).render(
    <StrictMode>
      <App host={host} />
    </StrictMode>,
  );
}
