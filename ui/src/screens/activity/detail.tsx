import { X } from "lucide-react";
import { useRead } from "../../api/queries";
import { duration, fullTime, size } from "../../model/format";
import { clean, cleanLine, shortened } from "../../model/text";
import { IconButton } from "../../parts/button";
import { CopyButton } from "../../parts/copy";
import { Failed, Skeleton } from "../../parts/states";
import { useKey } from "../../shell/keys";
import { words } from "../../words";

const w = words.activity;
const MOST = 4096;

/** One record with what went in and out, as it was kept: secrets are gone from it already. */
export function Detail({ id, onClose }: { id: string; onClose(): void }) {
  const { data, error } = useRead("fixed", "/api/v1/activity/{id}", { path: { id } });
  useKey("escape", onClose);
  const record = data?.activity;
  const whole = record && JSON.stringify(record, null, 2);
  return (
    <section aria-label={w.detail} className="flex max-h-[55%] flex-col border-line border-t bg-surface">
      <div className="flex min-h-11 items-center gap-3 px-4 wide:px-6">
        <h2 className="min-w-0 flex-1 truncate font-semibold">
          {record
            ? cleanLine([record.server_name, record.tool_name].filter(Boolean).join(" · ") || (record.summary ?? record.type))
            : words.loading}
        </h2>
        {whole && <CopyButton text={whole} label={w.copyJson} />}
        <IconButton label={words.close} onClick={onClose}>
          <X aria-hidden="true" className="size-4" />
        </IconButton>
      </div>
      <div
        tabIndex={0}
        role="region"
        aria-label={w.content}
        className="min-h-0 flex-1 overflow-y-auto px-4 pb-4 outline-offset-[-2px] wide:px-6"
      >
        {error ? (
          <Failed error={error} />
        ) : !record ? (
          <Skeleton rows={2} />
        ) : (
          <div className="flex flex-col gap-3">
            <p className="text-muted">
              {[
                record.client_name && cleanLine(record.client_name),
                fullTime(record.timestamp),
                w.statuses[record.status] ?? record.status,
                record.duration_ms != null && duration(record.duration_ms),
                record.request_bytes != null && w.bytesIn(size(record.request_bytes)),
                record.response_bytes != null && w.bytesOut(size(record.response_bytes)),
                record.hidden_values > 0 && w.hidden(record.hidden_values),
              ]
                .filter(Boolean)
                .join(" · ")}
            </p>
            {record.error_message && <p className="break-words text-bad">{clean(record.error_message)}</p>}
            {record.arguments !== undefined && <Block title={w.arguments} text={JSON.stringify(record.arguments, null, 2)} />}
            {record.response != null && <Block title={w.response} text={record.response} cut={record.response_truncated} />}
          </div>
        )}
      </div>
    </section>
  );
}

function Block({ title, text, cut = false }: { title: string; text: string; cut?: boolean }) {
  const shown = clean(text);
  return (
    <div>
      <div className="flex items-center gap-1">
        <h3 className="text-muted text-small">{title}</h3>
        <CopyButton text={shown} label={w.copy(title)} />
      </div>
      <pre className="whitespace-pre-wrap break-words rounded-control bg-sunken p-3">{shortened(shown, MOST)}</pre>
      {(cut || shown.length > MOST) && <p className="mt-1 text-muted text-small">{cut ? w.truncated : w.shortened}</p>}
    </div>
  );
}
