/// The register file: cells that hold words, software's accesses of any width, and what hangs on
/// them.
package dev.portcullis.unit.register;
