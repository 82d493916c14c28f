package dev.portcullis.pci;

/// A virtual function as it is found on the bus: most of its configuration header is empty, since
/// its physical function says what it is and where its windows are. Monitors show their guests the
/// function itself, which has a whole header.
///
/// ```
///  00 ids: ones            04 command: bus master only
///  10 to 27 windows: 0     30 ROM: 0     3c interrupt line and pin: 0
/// ```
///
/// @pcie 9.3.4 PF/VF Configuration Space Header
public final class VirtualFunction extends PciFunction {
  private static final int IDS_END = 0x04;
  private static final int COMMAND_HIGH = ConfigRegisters.COMMAND + 1;
  private static final int BARS_END = 0x28;
  private static final int ROM = 0x30;
  private static final int ROM_END = 0x34;

  private final Sriov owner;
  private final int index;
  private final PciFunction function;

  /// @param owner the capability of its physical function
  /// @param index from 0
  public VirtualFunction(Sriov owner, int index) {
    super(owner.bars());
    this.owner = owner;
    this.index = index;
    this.function = owner.function(index);
  }

  @Override
  public boolean decodesMemory() {
    return owner.decodesMemory();
  }

  @Override
  public long addressOf(Bar bar) {
    return owner.addressOf(bar, index);
  }

  @Override
  public long readConfig(int offset, int widthBytes) {
    long value = function.readConfig(offset, widthBytes);
    for (int i = 0; i < widthBytes; i++) {
      int at = offset + i;
      long shift = 8L * i;
      if (at < IDS_END) {
        value |= 0xffL << shift;
      } else {
        value &= ~((long) absent(at) << shift);
      }
    }
    return value;
  }

  /// The bits of a byte that a virtual function does not have.
  private static int absent(int at) {
    return switch (at) {
      case ConfigRegisters.COMMAND -> 0xff & ~ConfigRegisters.BUS_MASTER_ENABLE;
      case COMMAND_HIGH,
          ConfigRegisters.CACHE_LINE_SIZE,
          ConfigRegisters.INTERRUPT_LINE,
          ConfigRegisters.INTERRUPT_PIN ->
          0xff;
      default -> {
        boolean isWindow = at >= ConfigRegisters.BASE_ADDRESS_0 && at < BARS_END;
        yield isWindow || at >= ROM && at < ROM_END ? 0xff : 0;
      }
    };
  }

  /// Bits that are not there stay what they are in the function itself.
  @Override
  public void writeConfig(int offset, int widthBytes, long value) {
    long lanes = 0;
    for (int i = 0; i < widthBytes; i++) {
      lanes |= (long) absent(offset + i) << 8 * i;
    }
    long kept = lanes == 0 ? 0 : function.readConfig(offset, widthBytes) & lanes;
    function.writeConfig(offset, widthBytes, value & ~lanes | kept);
  }

  @Override
  public long readBar(int bar, long offset, int widthBytes) {
    return function.readBar(bar, offset, widthBytes);
  }

  @Override
  public void writeBar(int bar, long offset, int widthBytes, long value) {
    function.writeBar(bar, offset, widthBytes, value);
  }

  @Override
  public void reset() {
    function.reset();
  }
}
