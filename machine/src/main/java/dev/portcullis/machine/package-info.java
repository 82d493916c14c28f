/// A machine put together: units, devices, the way between them, and the sockets where a virtual
/// machine finds them. Start with [Platform].
package dev.portcullis.machine;
