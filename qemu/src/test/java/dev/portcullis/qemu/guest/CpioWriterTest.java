package dev.portcullis.qemu.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class CpioWriterTest {

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final CpioWriter cpio = new CpioWriter(bytes);

  @Test
  void aFileIsAHeaderAPaddedNameAndPaddedContents() throws Exception {
    cpio.file("init", 0755, ascii("hello"));
    String archive = close();

    assertThat(archive)
        .startsWith(
            "070701"
                + "00000001" // inode
                + "000081ed" // a regular file, rwxr-xr-x
                + "00000000" // user
                + "00000000" // group
                + "00000001" // links
                + "00000000" // time
                + "00000005" // bytes of contents
                + "00000000"
                + "00000000"
                + "00000000"
                + "00000000"
                + "00000005" // bytes of the name with its NUL
                + "00000000"
                + "init\0\0"
                + "hello\0\0\0");
    assertThat(archive.length() % 4).isZero();
    assertThat(archive).contains("TRAILER!!!\0");
  }

  @Test
  void missingFoldersComeBeforeTheirContentsAndOnce() throws Exception {
    cpio.file("a/b/one", 0644, ascii("1"));
    cpio.file("a/b/two", 0644, ascii("2"));
    String archive = close();

    assertThat(archive).containsSubsequence("a\0", "a/b\0", "a/b/one\0", "a/b/two\0", "TRAILER");
    assertThat(archive.split("000041ed", -1)).hasSize(3);
  }

  @Test
  void aLinkHasItsTargetAsContents() throws Exception {
    cpio.link("lib64/ld.so", "/usr/lib/ld.so");

    assertThat(close()).containsSubsequence("0000a1ff", "lib64/ld.so\0", "/usr/lib/ld.so");
  }

  @Test
  void aNameTwiceOrFromTheRootIsAMistake() throws Exception {
    cpio.file("x", 0644, ascii(""));

    assertThatThrownBy(() -> cpio.file("x", 0644, ascii("")))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> cpio.file("/y", 0644, ascii("")))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private String close() throws IOException {
    cpio.close();
    return bytes.toString(StandardCharsets.US_ASCII);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
