/// The command line: the only way in for people.
module dev.portcullis.cli {
  requires dev.portcullis.machine;
  requires dev.portcullis.qemu;
  requires dev.portcullis.qtest;
  requires dev.portcullis.vmm;
  requires dev.portcullis.management;
  requires info.picocli;
  requires java.desktop;
  requires java.net.http;
  requires tools.jackson.databind;

  opens dev.portcullis.cli to
      info.picocli;
}
