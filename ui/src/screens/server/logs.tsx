import { LogView } from "../logs/view";

export function LogsTab({ server }: { server: string }) {
  return <LogView source={`server:${server}`} showServer={false} />;
}
