package dev.portcullis.pci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The registers of the capability, and what the bus shows of virtual functions, statement by
/// statement.
class SriovTest {
  private static final int CAPABILITY = 0x100;
  private static final int CONTROL = CAPABILITY + 0x08;
  private static final int NUM_VFS = CAPABILITY + 0x10;
  private static final int PAGE_SIZE = CAPABILITY + 0x20;
  private static final int BAR_0 = CAPABILITY + 0x24;
  private static final int BAR_2 = CAPABILITY + 0x2c;
  private static final int DEVICE_CONTROL = 0x48;

  private final List<SampleFunction> functions =
      List.of(new SampleFunction(), new SampleFunction(), new SampleFunction());
  private final Sriov capability = new Sriov(0x0011, functions);
  private final Physical physical = new Physical(capability);
  private final List<String> heard = new ArrayList<>();

  SriovTest() {
    capability.connect(
        new Sriov.Host() {
          @Override
          public void appear(int index) {
            heard.add("+" + index);
          }

          @Override
          public void vanish(int index) {
            heard.add("-" + index);
          }
        });
  }

  /// A function with the capability and one that resets it.
  private static final class Physical extends PciFunction {
    private Physical(Sriov capability) {
      super(
          FunctionHeader.of(0x1b36, 0x0010),
          List.of(),
          List.of(new PciExpress(PciExpress.Kind.ENDPOINT), capability));
    }

    @Override
    public long readBar(int bar, long offset, int widthBytes) {
      return 0;
    }

    @Override
    public void writeBar(int bar, long offset, int widthBytes, long value) {}
  }

  private long read(int offset, int widthBytes) {
    return physical.readConfig(offset, widthBytes);
  }

  private void write(int offset, int widthBytes, long value) {
    physical.writeConfig(offset, widthBytes, value);
  }

  private void enable(int number) {
    write(NUM_VFS, 2, number);
    write(CONTROL, 2, 9);
  }

  @Test
  void softwareFindsWhatThereCanBe() {
    assertThat(read(CAPABILITY, 4)).isEqualTo(0x0001_0010);
    assertThat(read(CAPABILITY + 0x04, 4)).as("no migration, no ARI").isZero();
    assertThat(read(CONTROL, 4)).isZero();
    assertThat(read(CAPABILITY + 0x0c, 2)).as("InitialVFs").isEqualTo(3);
    assertThat(read(CAPABILITY + 0x0e, 2)).as("TotalVFs").isEqualTo(3);
    assertThat(read(NUM_VFS, 2)).isZero();
    assertThat(read(CAPABILITY + 0x14, 2)).as("First VF Offset").isEqualTo(1);
    assertThat(read(CAPABILITY + 0x16, 2)).as("VF Stride").isEqualTo(1);
    assertThat(read(CAPABILITY + 0x1a, 2)).as("VF Device ID").isEqualTo(0x11);
    assertThat(read(CAPABILITY + 0x1c, 4)).as("Supported Page Sizes").isEqualTo(0x553);
    assertThat(read(PAGE_SIZE, 4)).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {0x04, 0x0a, 0x0c, 0x0e, 0x14, 0x16, 0x1a, 0x1c, 0x34, 0x3c})
  void theRestIsReadOnly(int offset) {
    long before = read(CAPABILITY + offset, 2);
    write(CAPABILITY + offset, 2, 0xffff);
    assertThat(read(CAPABILITY + offset, 2)).isEqualTo(before);
  }

  @Test
  void onlyWhatIsThereCanBeSwitched() {
    write(CONTROL, 2, 0xffff);
    assertThat(read(CONTROL, 2)).isEqualTo(9);
  }

  @Test
  void asManyAppearAsSoftwareSaysAndVanishTogether() {
    enable(2);
    assertThat(heard).containsExactly("+0", "+1");
    assertThat(capability.present()).isEqualTo(2);
    write(CONTROL, 2, 9);
    assertThat(heard).hasSize(2);
    write(CONTROL, 2, 8);
    assertThat(heard).containsExactly("+0", "+1", "-1", "-0");
    write(CONTROL, 2, 1);
    assertThat(heard).hasSize(6).endsWith("+0", "+1");
  }

  @Test
  void theirNumberAndThePageSizeHoldStillWhileTheyAreEnabled() {
    enable(1);
    write(NUM_VFS, 2, 3);
    write(PAGE_SIZE, 4, 2);
    assertThat(read(NUM_VFS, 2)).isEqualTo(1);
    assertThat(read(PAGE_SIZE, 4)).isEqualTo(1);
    write(CONTROL, 2, 0);
    write(NUM_VFS, 2, 3);
    assertThat(read(NUM_VFS, 2)).isEqualTo(3);
    enable(0);
    write(NUM_VFS, 2, 3);
    assertThat(read(NUM_VFS, 2)).isZero();
    assertThat(heard).containsExactly("+0", "-0");
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 0x100, 0xffff})
  void moreThanThereCanBeChangeNothing(int number) {
    write(NUM_VFS, 2, 2);
    write(NUM_VFS, 2, number);
    assertThat(read(NUM_VFS, 2)).isEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource({"2, 2", "10, 10", "400, 400", "0, 1", "3, 1", "4, 1", "ffffffff, 1", "1000, 1"})
  void onlyASupportedPageSizeIsTaken(String written, String taken) {
    write(PAGE_SIZE, 4, Long.parseLong(written, 16));
    assertThat(read(PAGE_SIZE, 4)).isEqualTo(Long.parseLong(taken, 16));
  }

  @Test
  void windowsTellTheirSizeForOneFunction() {
    write(BAR_0, 4, 0xffff_ffffL);
    write(BAR_0 + 4, 4, 0xffff_ffffL);
    write(BAR_2, 4, 0xffff_ffffL);
    assertThat(read(BAR_0, 8)).isEqualTo(0xffff_ffff_ffff_c004L);
    assertThat(read(BAR_2, 4)).isEqualTo(0xfff0_0000L);
    write(PAGE_SIZE, 4, 0x10);
    write(BAR_0, 4, 0xffff_ffffL);
    assertThat(read(BAR_0, 4)).as("64-KiB pages").isEqualTo(0xffff_0004L);
  }

  @Test
  void windowsLieOneBehindTheOtherNoCloserThanPages() {
    write(BAR_0, 8, 0x1_2345_4000L);
    enable(3);
    VirtualFunction third = new VirtualFunction(capability, 2);
    assertThat(third.decodesMemory()).isTrue();
    assertThat(third.addressOf(third.bars().getFirst())).isEqualTo(0x1_2345_c000L);
    write(CONTROL, 2, 1);
    assertThat(third.decodesMemory()).as("without VF MSE").isFalse();
    write(CONTROL, 2, 0);
    write(PAGE_SIZE, 4, 0x10);
    assertThat(third.addressOf(third.bars().getFirst())).isEqualTo(0x1_2347_0000L);
  }

  @Test
  void aResetOfThePhysicalFunctionTakesTheOthersAway() {
    write(PAGE_SIZE, 4, 2);
    enable(3);
    write(DEVICE_CONTROL, 2, 0x8000);
    assertThat(heard).endsWith("-2", "-1", "-0");
    assertThat(read(CONTROL, 2)).isZero();
    assertThat(read(NUM_VFS, 2)).isZero();
    assertThat(read(PAGE_SIZE, 4)).isEqualTo(1);
    write(CONTROL, 2, 1);
    assertThat(heard).hasSize(6);
  }

  @Test
  void aVirtualFunctionSaysWhatItsPhysicalOneDoesNot() {
    VirtualFunction shown = new VirtualFunction(capability, 1);
    assertThat(shown.readConfig(0, 4)).as("ids").isEqualTo(0xffff_ffffL);
    assertThat(shown.readConfig(0x08, 4)).as("class, revision").isEqualTo(0x0108_0202L);
    assertThat(shown.readConfig(0x34, 1)).isEqualTo(0x40);
    assertThat(shown.readConfig(0x3c, 2)).as("no pin").isZero();
    for (int offset = 0x10; offset < 0x28; offset += 4) {
      shown.writeConfig(offset, 4, 0xffff_ffffL);
      assertThat(shown.readConfig(offset, 4)).isZero();
    }
    assertThat(functions.get(1).readConfig(0x10, 8)).as("its own, for guests").isEqualTo(4);
  }

  @Test
  void softwareMakesItABusMasterAndNothingElse() {
    VirtualFunction shown = new VirtualFunction(capability, 0);
    shown.writeConfig(4, 2, 0xffff);
    assertThat(shown.readConfig(4, 2)).isEqualTo(4);
    assertThat(functions.getFirst().readConfig(4, 2)).isEqualTo(4);
    functions.getFirst().writeConfig(4, 2, 2);
    shown.writeConfig(3, 4, 0x0400 << 8);
    assertThat(functions.getFirst().readConfig(4, 2)).as("guests have more").isEqualTo(2);
  }

  @Test
  void aVirtualFunctionIsResetAlone() {
    enable(2);
    VirtualFunction first = new VirtualFunction(capability, 0);
    VirtualFunction second = new VirtualFunction(capability, 1);
    first.writeConfig(4, 2, 4);
    second.writeConfig(4, 2, 4);
    int control = SampleFunction.EXPRESS + 8;
    first.writeConfig(control, 2, 0x8000);
    assertThat(first.readConfig(4, 2)).isZero();
    assertThat(second.readConfig(4, 2)).isEqualTo(4);
    assertThat(heard).containsExactly("+0", "+1");
  }

  @Test
  void theirPlacesFollowThatOfThePhysicalFunction() {
    assertThat(Sriov.place(new RequesterId(0, 5, 0), 0)).isEqualTo(new RequesterId(0, 5, 1));
    assertThat(Sriov.place(new RequesterId(0, 5, 0), 6)).isEqualTo(new RequesterId(0, 5, 7));
    assertThatIllegalArgumentException().isThrownBy(() -> new Sriov(1, List.of()));
  }
}
