//! What follows the preamble on a container's stdin: a type, a length, a payload.
//!
//! Framing lets the end of the server's input, heartbeats and orders travel in band, so that transports without a
//! half-close (named pipes, some proxies) work too. The decoder owns no payload: data come out as slices of the input.

use std::fmt;

/// Length of a frame's header.
pub const HEADER: usize = 5;
/// The longest payload of a control frame.
const CONTROL: usize = 4;

/// The kinds of frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Bytes for the server's stdin.
    Data = 0,
    /// Close the server's stdin.
    EndOfInput = 1,
    /// The owner is alive.
    Heartbeat = 2,
    /// Send the server's process group a signal (one byte, its number).
    Signal = 3,
    /// End the server: close its stdin, wait the grace (four bytes, milliseconds), TERM, KILL.
    Stop = 4,
}

impl Kind {
    fn of(byte: u8) -> Option<Kind> {
        [Kind::Data, Kind::EndOfInput, Kind::Heartbeat, Kind::Signal, Kind::Stop]
            .into_iter()
            .find(|k| *k as u8 == byte)
    }
}

/// The header of a frame with `length` bytes of payload.
pub const fn header(kind: Kind, length: u32) -> [u8; HEADER] {
    let [a, b, c, d] = length.to_be_bytes();
    [kind as u8, a, b, c, d]
}

/// A whole frame that closes the server's stdin.
pub const END_OF_INPUT: [u8; HEADER] = header(Kind::EndOfInput, 0);
/// A whole frame that says the owner is alive.
pub const HEARTBEAT: [u8; HEADER] = header(Kind::Heartbeat, 0);

/// A whole frame that orders a signal.
pub const fn signal(number: u8) -> [u8; HEADER + 1] {
    let [kind, a, b, c, d] = header(Kind::Signal, 1);
    [kind, a, b, c, d, number]
}

/// A whole frame that orders the end of the server.
pub const fn stop(grace_ms: u32) -> [u8; HEADER + 4] {
    let [kind, a, b, c, d] = header(Kind::Stop, 4);
    let [e, f, g, h] = grace_ms.to_be_bytes();
    [kind, a, b, c, d, e, f, g, h]
}

/// What the decoder found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event<'a> {
    /// A piece of the server's input; a frame may come in several.
    Data(&'a [u8]),
    /// The server's input ends.
    EndOfInput,
    /// The owner is alive.
    Heartbeat,
    /// Signal the server's group.
    Signal(u8),
    /// End the server, with this grace in milliseconds.
    Stop(u32),
}

/// The input is no sequence of frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the input is not a sequence of frames")
    }
}

impl std::error::Error for Malformed {}

/// Takes frames apart, however the input is cut.
#[derive(Debug, Default)]
pub struct Decoder {
    /// Header bytes seen so far, then the payload of a control frame.
    held: [u8; HEADER + CONTROL],
    filled: usize,
    /// Payload still to come of the data frame in progress.
    data: usize,
}

impl Decoder {
    /// Takes the next event from the front of `input`; `None` when all of it is consumed.
    ///
    /// # Errors
    /// [`Malformed`] on an unknown kind or a control frame of a wrong length; the stream cannot be followed further.
    pub fn next<'a>(&mut self, input: &mut &'a [u8]) -> Result<Option<Event<'a>>, Malformed> {
        loop {
            if self.data > 0 && !input.is_empty() {
                let (piece, rest) = input.split_at(self.data.min(input.len()));
                self.data -= piece.len();
                *input = rest;
                return Ok(Some(Event::Data(piece)));
            }
            if input.is_empty() || self.data > 0 {
                return Ok(None);
            }
            let wanted = self.wanted()?;
            let (piece, rest) = input.split_at((wanted - self.filled).min(input.len()));
            self.held[self.filled..self.filled + piece.len()].copy_from_slice(piece);
            self.filled += piece.len();
            *input = rest;
            if self.filled < HEADER || self.filled < self.wanted()? {
                continue;
            }
            self.filled = 0;
            match self.complete()? {
                None => {}
                event => return Ok(event),
            }
        }
    }

    fn length(&self) -> usize {
        usize::try_from(u32::from_be_bytes([self.held[1], self.held[2], self.held[3], self.held[4]]))
            .unwrap_or(usize::MAX)
    }

    /// How many bytes must be held before something can be decided.
    fn wanted(&self) -> Result<usize, Malformed> {
        if self.filled < HEADER {
            return Ok(HEADER);
        }
        let expected = match Kind::of(self.held[0]).ok_or(Malformed)? {
            Kind::Data => return Ok(HEADER),
            Kind::EndOfInput | Kind::Heartbeat => 0,
            Kind::Signal => 1,
            Kind::Stop => CONTROL,
        };
        if self.length() == expected { Ok(HEADER + expected) } else { Err(Malformed) }
    }

    fn complete(&mut self) -> Result<Option<Event<'static>>, Malformed> {
        Ok(match Kind::of(self.held[0]).ok_or(Malformed)? {
            Kind::Data => {
                self.data = self.length();
                None
            }
            Kind::EndOfInput => Some(Event::EndOfInput),
            Kind::Heartbeat => Some(Event::Heartbeat),
            Kind::Signal => Some(Event::Signal(self.held[HEADER])),
            Kind::Stop => {
                let [.., a, b, c, d] = self.held;
                Some(Event::Stop(u32::from_be_bytes([a, b, c, d])))
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Clone, Debug, PartialEq, Eq)]
    enum Seen {
        Data(Vec<u8>),
        EndOfInput,
        Heartbeat,
        Signal(u8),
        Stop(u32),
    }

    fn seen() -> impl Strategy<Value = Seen> {
        prop_oneof![
            prop::collection::vec(any::<u8>(), 1..80).prop_map(Seen::Data),
            Just(Seen::EndOfInput),
            Just(Seen::Heartbeat),
            any::<u8>().prop_map(Seen::Signal),
            any::<u32>().prop_map(Seen::Stop),
        ]
    }

    fn write(frames: &[Seen]) -> Vec<u8> {
        let mut out = Vec::new();
        for frame in frames {
            match frame {
                Seen::Data(bytes) => {
                    out.extend(header(Kind::Data, bytes.len() as u32));
                    out.extend(bytes);
                }
                Seen::EndOfInput => out.extend(END_OF_INPUT),
                Seen::Heartbeat => out.extend(HEARTBEAT),
                Seen::Signal(number) => out.extend(signal(*number)),
                Seen::Stop(grace) => out.extend(stop(*grace)),
            }
        }
        out
    }

    /// Joins neighbouring pieces of data, since a frame may come out in several.
    fn note(into: &mut Vec<Seen>, event: Event<'_>) {
        let next = match event {
            Event::Data(piece) => {
                if let Some(Seen::Data(bytes)) = into.last_mut() {
                    bytes.extend(piece);
                    return;
                }
                Seen::Data(piece.to_vec())
            }
            Event::EndOfInput => Seen::EndOfInput,
            Event::Heartbeat => Seen::Heartbeat,
            Event::Signal(number) => Seen::Signal(number),
            Event::Stop(grace) => Seen::Stop(grace),
        };
        into.push(next);
    }

    fn joined(frames: &[Seen]) -> Vec<Seen> {
        let mut out: Vec<Seen> = Vec::new();
        for frame in frames {
            match (out.last_mut(), frame) {
                (Some(Seen::Data(bytes)), Seen::Data(more)) => bytes.extend(more),
                _ => out.push(frame.clone()),
            }
        }
        out
    }

    proptest! {
        #[test]
        fn frames_come_out_as_they_went_in_however_they_are_cut(
            frames in prop::collection::vec(seen(), 0..20),
            cuts in prop::collection::vec(1usize..50, 1..50),
        ) {
            let bytes = write(&frames);
            let mut decoder = Decoder::default();
            let mut out = Vec::new();
            let mut rest = bytes.as_slice();
            for cut in cuts.iter().cycle() {
                if rest.is_empty() {
                    break;
                }
                let (mut chunk, tail) = rest.split_at((*cut).min(rest.len()));
                rest = tail;
                while let Some(event) = decoder.next(&mut chunk).expect("sound frames") {
                    note(&mut out, event);
                }
                prop_assert!(chunk.is_empty(), "every byte is consumed");
            }
            prop_assert_eq!(out, joined(&frames));
        }

        #[test]
        fn any_bytes_are_decoded_without_harm(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let mut decoder = Decoder::default();
            let mut rest = bytes.as_slice();
            while let Ok(Some(_)) = decoder.next(&mut rest) {}
        }
    }

    #[test]
    fn an_unknown_kind_and_a_wrong_length_are_malformed() {
        assert_eq!(Decoder::default().next(&mut [9u8, 0, 0, 0, 0, 0].as_slice()), Err(Malformed));
        assert_eq!(Decoder::default().next(&mut [2u8, 0, 0, 0, 1, 7].as_slice()), Err(Malformed));
    }
}
