/// Where the blocks of a disk are kept: a file of the host, memory, or nowhere. Start with
/// [BlockBackend].
package dev.portcullis.devices.block;
