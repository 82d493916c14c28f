/// End-to-end measurements: the same Linux on our unit and disk, and on QEMU's own. Not tests;
/// start with [dev.portcullis.system.measure.EndToEnd].
package dev.portcullis.system.measure;
