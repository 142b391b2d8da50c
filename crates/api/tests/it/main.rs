//! The router as those outside meet it: a real core behind real connections.
#![cfg(test)]

mod controls;
mod door;
mod house;
mod lines;
mod news;
