/// A real QEMU and real Debian kernels: where they come from, how they are started and controlled.
///
/// Start with {@link dev.portcullis.qemu.install.Cache}, which provides them without root, and
/// {@link dev.portcullis.qemu.guest.GuestSession}, which runs commands in a booted kernel.
module dev.portcullis.qemu {
  requires tools.jackson.core;
  requires transitive tools.jackson.databind;

  exports dev.portcullis.qemu.guest;
  exports dev.portcullis.qemu.install;
  exports dev.portcullis.qemu.run;
}
