import { createContext, useContext } from "react";

/** Where menus and hints are put. Inside a dialog that is the dialog, since nothing else can stand above it. */
export const PortalTarget = createContext<HTMLElement | null>(null);
export const usePortal = () => useContext(PortalTarget);
