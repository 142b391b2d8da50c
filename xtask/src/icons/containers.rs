//! The two files that hold one picture in many sizes: `.ico` of Windows, `.icns` of macOS.

/// One size of a picture.
pub(super) struct Picture {
    pub(super) size: u32,
    /// Blue, green, red, alpha, from the upper left corner.
    pub(super) bgra: Vec<u8>,
    pub(super) png: Vec<u8>,
}

/// An `.ico`: 256 pixels as PNG, the smaller ones as bitmaps, since older readers know nothing else.
pub(super) fn ico(pictures: &[Picture]) -> Vec<u8> {
    let bodies: Vec<Vec<u8>> = pictures
        .iter()
        .map(|picture| if picture.size < 256 { bitmap(picture) } else { picture.png.clone() })
        .collect();
    let mut file = [0_u16, 1, pictures.len() as u16].map(u16::to_le_bytes).concat();
    let mut offset = file.len() + 16 * pictures.len();
    for (picture, body) in pictures.iter().zip(&bodies) {
        // 256 does not fit a byte and is written as 0.
        let side = picture.size as u8;
        file.extend([side, side, 0, 0, 1, 0, 32, 0]);
        file.extend((body.len() as u32).to_le_bytes());
        file.extend((offset as u32).to_le_bytes());
        offset += body.len();
    }
    file.extend(bodies.concat());
    file
}

/// A bitmap as an `.ico` holds it: no file header, twice the height, rows from below, then the mask of one bit.
fn bitmap(picture: &Picture) -> Vec<u8> {
    let size = picture.size as usize;
    let mut bytes = Vec::new();
    for field in [40, picture.size, picture.size * 2, 1 | 32 << 16, 0, 0, 0, 0, 0, 0] {
        bytes.extend(field.to_le_bytes());
    }
    for row in picture.bgra.chunks(size * 4).rev() {
        bytes.extend(row);
    }
    let row_of_mask = size.div_ceil(32) * 4;
    for row in picture.bgra.chunks(size * 4).rev() {
        let mut mask = vec![0_u8; row_of_mask];
        for (x, pixel) in row.chunks(4).enumerate().filter(|(_, pixel)| pixel[3] == 0) {
            debug_assert_eq!(pixel.len(), 4);
            mask[x / 8] |= 0x80 >> (x % 8);
        }
        bytes.extend(mask);
    }
    bytes
}

/// An `.icns`: names and PNGs.
pub(super) fn icns(pictures: &[([u8; 4], Vec<u8>)]) -> Vec<u8> {
    let chunk =
        |name: &[u8; 4], body: &[u8]| [&name[..], &(body.len() as u32 + 8).to_be_bytes(), body].concat();
    let body: Vec<u8> = pictures.iter().flat_map(|(name, png)| chunk(name, png)).collect();
    chunk(b"icns", &body)
}
