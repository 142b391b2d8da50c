import { describe, expect, it } from "vitest";
import { patchOf, readVolume, withoutSame, writeVolume } from "./draft";
import type { Server } from "./server";

const server = {
  isolation: { memory_limit: "1g", volumes: ["/a:/a:ro"] },
  isolation_defaults: { network_mode: "bridge" },
} as unknown as Server;
const defaults = { memory: "512m", cpu: "1.0" };

describe("changes of isolation", () => {
  it("become a merge patch, and empty ones go back to what holds for all", () => {
    expect(patchOf({ memory: "2g", network: "none", image: " x:1 ", volumes: [] })).toEqual({
      isolation: { memory_limit: "2g", network_mode: "none", image: "x:1", volumes: null },
    });
    expect(patchOf({ memory: "", image: "" })).toEqual({ isolation: { memory_limit: null, image: null } });
    expect(patchOf({})).toEqual({});
  });
  it("are none when they say what is so already", () => {
    expect(withoutSame({ memory: "1g", cpu: "1.0", network: "bridge", volumes: ["/a:/a:ro"], image: "" }, server, defaults)).toEqual({});
    expect(withoutSame({ memory: "512m", network: "none" }, server, defaults)).toEqual({ memory: "512m", network: "none" });
  });
});

describe("a folder", () => {
  it("is read as the configuration writes it, and read only without a word", () => {
    expect(readVolume("/a/b:/c:rw")).toEqual({ source: "/a/b", target: "/c", write: true });
    expect(readVolume("/a/b:/c")).toEqual({ source: "/a/b", target: "/c", write: false });
    expect(readVolume("/a/b")).toEqual({ source: "/a/b", target: "/a/b", write: false });
    expect(readVolume("C:\\me:/data/me:ro")).toEqual({ source: "C:\\me", target: "/data/me", write: false });
  });
  it("stays what it was through reading and writing", () => {
    for (const volume of ["/a:/b:ro", "/a:/b:rw", "D:\\x:/x:rw"]) expect(writeVolume(readVolume(volume))).toBe(volume);
  });
});
