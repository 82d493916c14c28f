/// Translation tables, written to memory bit by bit. Layouts are written down here a second time: a
/// test that took them from `spec` would not see a mistake there.
package dev.portcullis.kit.table;
