/// What software commands through registers: the global command, and invalidation without a queue.
///
/// Commands run one at a time, on the thread of the register write, without the register file's
/// lock: they may wait for requests.
package dev.portcullis.unit.command;
