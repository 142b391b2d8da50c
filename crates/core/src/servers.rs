//! Servers and their lives: what a server is to be (`blueprint`), how it comes about (`planner`, `incarnation`),
//! when (`life`, `backoff`), and the task that holds it together (`supervise`).
mod backoff;
pub(crate) mod blueprint;
mod failure;
mod incarnation;
mod lane;
mod life;
pub(crate) mod own_containers;
pub(crate) mod planner;
mod stderr;
mod supervise;

pub(crate) use incarnation::Context;
pub(crate) use lane::Lane;
#[cfg(test)]
pub(crate) use supervise::fresh_view;
pub(crate) use supervise::{Configuration, Order, Server};
