"""Starts the installed desktop program as at login, clicks a line of its tray menu as a panel does, and ends it.

    click.py LABEL FILE PROGRAM [ARGUMENT...]

Waits for the tray item on the session bus, sends the click, waits until FILE is there, then ends the program with
SIGTERM. Exits 0 only if all of that happened and the program ended well.
"""

import os
import signal
import subprocess
import sys

import dbus
import dbus.mainloop.glib
import dbus.service
from gi.repository import GLib

WATCHER = "org.kde.StatusNotifierWatcher"
MENU = "com.canonical.dbusmenu"
SECONDS = 90


class Watcher(dbus.service.Object):
    """The part of a panel that tray items register with."""

    def __init__(self, bus, found):
        super().__init__(dbus.service.BusName(WATCHER, bus), "/StatusNotifierWatcher")
        self.found = found

    @dbus.service.method(WATCHER, in_signature="s", sender_keyword="sender")
    def RegisterStatusNotifierItem(self, service, sender=None):
        name, path = (sender, service) if service.startswith("/") else (service, "/StatusNotifierItem")
        GLib.idle_add(self.found, name, path)

    @dbus.service.method(WATCHER, in_signature="s")
    def RegisterStatusNotifierHost(self, service):
        pass

    @dbus.service.method(dbus.PROPERTIES_IFACE, in_signature="ss", out_signature="v")
    def Get(self, interface, name):
        return self.GetAll(interface)[name]

    @dbus.service.method(dbus.PROPERTIES_IFACE, in_signature="s", out_signature="a{sv}")
    def GetAll(self, interface):
        return {
            "IsStatusNotifierHostRegistered": True,
            "ProtocolVersion": dbus.Int32(0),
            "RegisteredStatusNotifierItems": dbus.Array([], signature="s"),
        }

    @dbus.service.signal(WATCHER, signature="s")
    def StatusNotifierItemRegistered(self, service):
        pass


def line_of(layout, label):
    """The id of the menu line with this text, however deep."""
    number, properties, children = layout
    if str(properties.get("label", "")).replace("_", "").startswith(label):
        return number
    return next((found for child in children if (found := line_of(child, label)) is not None), None)


def main(label, file, program):
    dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
    bus, loop = dbus.SessionBus(), GLib.MainLoop()
    state = {"clicked": False}

    def click(name, path):
        item = dbus.Interface(bus.get_object(name, path), dbus.PROPERTIES_IFACE)
        menu = bus.get_object(name, item.Get("org.kde.StatusNotifierItem", "Menu"))
        menu = dbus.Interface(menu, MENU)
        number = line_of(menu.GetLayout(0, -1, dbus.Array([], signature="s"))[1], label)
        if number is None:
            return True  # the menu is not complete yet
        if not state["clicked"]:
            state["clicked"] = True
            menu.Event(number, "clicked", dbus.Int32(0), dbus.UInt32(0))
        return False

    def found(name, path):
        GLib.timeout_add(300, click, name, path)
        return False

    Watcher(bus, found)
    child = subprocess.Popen(program)
    GLib.timeout_add(100, lambda: loop.quit() if os.path.exists(file) or child.poll() is not None else True)
    GLib.timeout_add_seconds(SECONDS, loop.quit)
    loop.run()
    written = os.path.exists(file)
    if child.poll() is None:
        child.send_signal(signal.SIGTERM)
    ended = child.wait(SECONDS)
    print(f"clicked: {state['clicked']}, written: {written}, ended: {ended}")
    return 0 if state["clicked"] and written and ended in (0, 128 + signal.SIGTERM) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], sys.argv[3:]))
