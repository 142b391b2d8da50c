use super::containers::{Picture, icns, ico};
use super::*;
use crate::workspace;

fn file(name: &str) -> Vec<u8> {
    std::fs::read(workspace::root().join("icons").join(name)).unwrap()
}

/// Width and height as the header of a PNG says.
fn size_of_png(png: &[u8]) -> (u32, u32) {
    assert_eq!(&png[..8], b"\x89PNG\r\n\x1a\n");
    let number = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().unwrap());
    (number(16), number(20))
}

fn little(bytes: &[u8], at: usize) -> usize {
    u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize
}

#[test]
fn every_picture_of_the_packages_has_the_size_that_its_name_says() {
    for (name, size) in PICTURES {
        assert_eq!(size_of_png(&file(name)), (*size, *size), "{name}");
    }
}

#[test]
fn the_icon_of_windows_holds_every_size_whole() {
    let icon = file("icon.ico");
    assert_eq!(&icon[..6], [0, 0, 1, 0, ICO_SIZES.len() as u8, 0]);
    let mut end = 6 + 16 * ICO_SIZES.len();
    for (at, size) in ICO_SIZES.iter().enumerate() {
        let entry = &icon[6 + at * 16..][..16];
        assert_eq!(u32::from(entry[0]), size % 256);
        assert_eq!(little(entry, 12), end, "pictures follow each other");
        end += little(entry, 8);
        let body = &icon[little(entry, 12)..end];
        if *size == 256 {
            assert_eq!(size_of_png(body), (256, 256));
        } else {
            assert_eq!((little(body, 4), little(body, 8)), (*size as usize, 2 * *size as usize));
        }
    }
    assert_eq!(end, icon.len());
}

#[test]
fn the_icon_of_macos_holds_every_size_whole() {
    let icon = file("icon.icns");
    assert_eq!(&icon[..4], b"icns");
    let mut rest = &icon[8..];
    for (name, size) in ICNS_SIZES {
        let length = u32::from_be_bytes(rest[4..8].try_into().unwrap()) as usize;
        assert_eq!((&rest[..4], size_of_png(&rest[8..length])), (&name[..], (*size, *size)));
        rest = &rest[length..];
    }
    assert!(rest.is_empty());
}

#[test]
fn a_bitmap_stands_on_its_head_and_masks_what_is_clear() {
    let bgra = [[1, 1, 1, 255], [2, 2, 2, 0], [3, 3, 3, 0], [4, 4, 4, 255]].concat();
    let icon = ico(&[Picture { size: 2, bgra: bgra.clone(), png: Vec::new() }]);
    let pixels = &icon[6 + 16 + 40..];
    assert_eq!(pixels[..8], bgra[8..]);
    assert_eq!(pixels[8..16], bgra[..8]);
    assert_eq!(pixels[16..], [0x80, 0, 0, 0, 0x40, 0, 0, 0]);
}

#[test]
fn a_chunk_counts_its_own_head() {
    assert_eq!(icns(&[(*b"ic07", vec![9, 9])]), b"icns\0\0\0\x12ic07\0\0\0\x0a\x09\x09");
}
