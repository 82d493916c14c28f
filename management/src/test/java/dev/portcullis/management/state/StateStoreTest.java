package dev.portcullis.management.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateStoreTest {
  @TempDir private Path folder;
  private StateStore store;

  @BeforeEach
  void open() throws Exception {
    store = StateStore.open(folder.resolve("state"));
  }

  @Test
  void whatWasWrittenIsThereForTheNextOne() throws Exception {
    store.write("access.user", "denied\n");
    store.write("access.user", "ünrestricted\n\n");

    assertThat(StateStore.open(folder.resolve("state")).read("access.user"))
        .contains("ünrestricted\n\n");
    assertThat(store.read("access.other")).isEmpty();
  }

  @Test
  void whatWasForgottenIsGone() throws Exception {
    store.write("access.user", "denied");
    store.forget("access.user");
    store.forget("access.user");

    assertThat(store.read("access.user")).isEmpty();
  }

  @Test
  void keysAreThoseThatHaveATextInOrder() throws Exception {
    store.write("provision.b", "2");
    store.write("provision.a", "1");
    store.write("access.user", "denied");
    store.write("provision.c", "3");
    store.forget("provision.c");

    assertThat(store.keys("provision.")).containsExactly("provision.a", "provision.b");
  }

  @Test
  void everyFlippedBitAndEveryCutIsNoticed() throws Exception {
    store.write("key", "contained");
    Path file = folder.resolve("state").resolve("key.state");
    byte[] good = Files.readAllBytes(file);
    for (int bit = 0; bit < good.length * 8; bit++) {
      byte[] bad = good.clone();
      bad[bit / 8] ^= (byte) (1 << bit % 8);
      Files.write(file, bad);
      assertThatThrownBy(() -> store.read("key"))
          .as("bit %d", bit)
          .isInstanceOf(StateException.class);
    }
    for (int length = 0; length < good.length; length++) {
      Files.write(file, java.util.Arrays.copyOf(good, length));
      assertThatThrownBy(() -> store.read("key")).hasMessageEndingWith("is damaged");
    }
  }

  @Test
  void writeThatWasCutShortLeavesTheTextBefore() throws Exception {
    store.write("key", "before");
    Files.write(
        folder.resolve("state").resolve("key.state.next"), "0123".getBytes(StandardCharsets.UTF_8));

    assertThat(store.read("key")).contains("before");
    store.write("key", "after");
    assertThat(store.read("key")).contains("after");
  }

  @Test
  void keyCannotLeaveTheFolder() {
    assertThatIllegalArgumentException().isThrownBy(() -> store.write("../key", ""));
    assertThatIllegalArgumentException().isThrownBy(() -> store.read(".state"));
  }

  @Test
  void folderThatCannotBeIsSaid() throws Exception {
    Path file = Files.writeString(folder.resolve("file"), "");

    assertThatThrownBy(() -> StateStore.open(file))
        .isInstanceOf(StateException.class)
        .hasMessageStartingWith("cannot keep state in " + file);
  }
}
