/// Linux system calls behind types that cannot crash the JVM: a descriptor that is closed is never
/// used again, a buffer that the kernel may write to is never freed, a mapping that is gone throws.
/// Start with [UnixSocket] and [Mapping].
package dev.portcullis.linux;
