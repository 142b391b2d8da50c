//! Draws all icons on one sheet, for the eye: `cargo run -p mcpproxy-menu --example sheet > sheet.pam`.

use mcpproxy_menu::{IconState, Ink, draw};
use std::io::Write;

const SIZES: [u32; 4] = [16, 22, 32, 48];
const CELL: usize = 56;

fn main() -> std::io::Result<()> {
    let inks = [(Ink::Dark, 0xf0), (Ink::Light, 0x20), (Ink::Coloured, 0xf0), (Ink::Coloured, 0x20)];
    let (width, height) = (CELL * IconState::ALL.len(), CELL * SIZES.len() * inks.len());
    let mut sheet = vec![0_u8; width * height * 3];
    for (block, (ink, ground)) in inks.into_iter().enumerate() {
        for (line, size) in SIZES.into_iter().enumerate() {
            for (column, state) in IconState::ALL.into_iter().enumerate() {
                let picture = draw(state, ink, size);
                let left = column * CELL;
                let top = (block * SIZES.len() + line) * CELL;
                for y in 0..CELL {
                    for x in 0..CELL {
                        let at = ((top + y) * width + left + x) * 3;
                        let (dx, dy) = (x.wrapping_sub(4), y.wrapping_sub(4));
                        let side = size as usize;
                        let pixel =
                            (dx < side && dy < side).then(|| &picture.rgba[(dy * side + dx) * 4..][..4]);
                        for channel in 0..3 {
                            let (over, share) = pixel.map_or((0, 0), |p| (p[channel], u32::from(p[3])));
                            let mixed = (u32::from(over) * share + ground * (255 - share)) / 255;
                            sheet[at + channel] = u8::try_from(mixed).unwrap_or(u8::MAX);
                        }
                    }
                }
            }
        }
    }
    let mut out = std::io::stdout().lock();
    write!(out, "P6\n{width} {height}\n255\n")?;
    out.write_all(&sheet)
}
