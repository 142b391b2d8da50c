# A small MCP server in plain shell, for the smallest image: tools `echo`, `wait`, `exit`.
printf 'small server %s is up\n' "$$" >&2
# The value after the first "KEY": in the message, without quotes.
field() {
  case $line in *"\"$1\":"*) ;; *) value=; return ;; esac
  value=${line#*"\"$1\":"}
  value=${value# }
  case $value in
    \"*) value=${value#\"}; value=${value%%\"*} ;;
    *) value=${value%%[,\}]*} ;;
  esac
}
answer() { printf '{"jsonrpc":"2.0","id":%s,"result":%s}\n' "$id" "$1"; }
text() { answer "{\"content\":[{\"type\":\"text\",\"text\":\"$1\"}]}"; }
tool() { printf '{"name":"%s","description":"%s","inputSchema":{"type":"object"}}' "$1" "$2"; }
while IFS= read -r line; do
  id=${line#*\"id\":}
  id=${id%%[,\}]*}
  field method
  case $value in
    initialize)
      answer '{"protocolVersion":"2025-06-18","capabilities":{"tools":{}},"serverInfo":{"name":"small","version":"1"}}' ;;
    ping) answer '{}' ;;
    tools/list)
      answer "{\"tools\":[$(tool echo 'says it back'),$(tool wait 'answers a second later'),$(tool exit 'ends without an answer')]}" ;;
    tools/call)
      field name
      name=$value
      field text
      case $name in
        echo) text "$value" ;;
        wait) sleep 1; text "$value" ;;
        exit) exit 7 ;;
        *) printf '{"jsonrpc":"2.0","id":%s,"error":{"code":-32602,"message":"no such tool"}}\n' "$id" ;;
      esac ;;
  esac
done
