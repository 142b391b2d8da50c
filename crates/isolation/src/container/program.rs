//! The program that is PID 1, as bytes: built by this crate's build script.

/// The program for one architecture.
#[derive(Clone, Copy)]
pub(crate) struct Program {
    /// The engine's word for the architecture.
    pub(crate) arch: &'static str,
    /// The static executable.
    pub(crate) bytes: &'static [u8],
    /// Its SHA-256, in hexadecimal digits.
    pub(crate) sha256: &'static str,
}

include!(concat!(env!("OUT_DIR"), "/programs.rs"));

/// The program for the engine's architecture; an emulated image runs under the native one.
pub(crate) fn for_arch(arch: &str) -> Option<Program> {
    PROGRAMS.into_iter().find(|program| program.arch == arch)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_architectures_are_static_and_small() {
        for (arch, machine) in [("amd64", 0x3e), ("arm64", 0xb7)] {
            let program = for_arch(arch).expect("the program");
            assert_eq!(&program.bytes[..4], b"\x7fELF", "{arch}");
            assert_eq!(u16::from_le_bytes([program.bytes[18], program.bytes[19]]), machine, "{arch}");
            assert!(program.bytes.len() < 500_000, "{arch}: {} bytes", program.bytes.len());
            assert!(!has_interpreter(program.bytes), "{arch} asks for a dynamic loader");
        }
    }

    #[test]
    fn an_unknown_architecture_has_none() {
        assert!(for_arch("riscv64").is_none());
    }

    /// Looks for PT_INTERP among the program headers of a 64-bit little-endian file.
    fn has_interpreter(elf: &[u8]) -> bool {
        let number = |at: usize, length: usize| {
            elf[at..at + length].iter().rev().fold(0, |sum, byte| sum << 8 | usize::from(*byte))
        };
        let (start, size, count) = (number(32, 8), number(54, 2), number(56, 2));
        (0..count).any(|index| number(start + index * size, 4) == 3)
    }
}
