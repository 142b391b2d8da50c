#!/bin/sh
# After the package is gone: takes away each person's entry for start at login, which names a program that is gone too.
# Settings, secrets, logs and everything else of theirs stay.
set -e

# dpkg says `remove` or `purge`, rpm says how many versions stay; an upgrade is neither and touches nothing.
case "$1" in
    remove | purge | 0) ;;
    *) exit 0 ;;
esac

# With that person's own rights, since the folder is theirs; a pipe or a device in its place is left alone.
# shellcheck disable=SC2016
forget='[ -f "$1" ] && grep -qE "^Exec=\"?/usr/bin/mcpproxy-desktop[\" ]" "$1" && rm -f -- "$1"'

getent passwd | while IFS=: read -r name _ uid _ _ home _; do
    [ "$uid" -eq 0 ] || [ "$uid" -ge 1000 ] || continue
    entry="$home/.config/autostart/com.mcpproxy.MCPProxy.desktop"
    [ -f "$entry" ] || continue
    if [ "$uid" -eq "$(id -u)" ]; then
        sh -c "$forget" sh "$entry" || true
    else
        runuser -u "$name" -- sh -c "$forget" sh "$entry" </dev/null || true
    fi
done
