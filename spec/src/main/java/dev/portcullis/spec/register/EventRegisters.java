package dev.portcullis.spec.register;

import static dev.portcullis.spec.BitField.bit;
import static dev.portcullis.spec.BitField.bits;
import static dev.portcullis.spec.register.Register.register;
import static dev.portcullis.spec.register.RegisterField.field;

import dev.portcullis.spec.BitField;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/// The four registers that say which message an event sends, and whether: one layout for each kind
/// of event.
///
/// ```
///   control   31  30  29                  0      data    31      16 15               0
///            +---+---+---------------------+            +----------+------------------+
///            |IM |IP |          0          |            |    0     |       IMD        |
///            +---+---+---------------------+            +----------+------------------+
/// ```
///
/// @param control mask (IM) and pending bit (IP)
/// @param data the message's data
/// @param address the message's address
/// @param upperAddress its upper half; there only with extended interrupt mode
/// @vtd 11.4.7.2 Fault Event Control Register
public record EventRegisters(
    Register control, Register data, Register address, Register upperAddress) {
  public static final BitField IM = bit("IM", 31);
  public static final BitField IP = bit("IP", 30);
  public static final BitField IMD = bits("IMD", 15, 0);
  public static final BitField MA = bits("MA", 31, 2);
  public static final BitField MUA = bits("MUA", 31, 0);

  /// Faults.
  public static final EventRegisters FAULT = at("FE", 0x038, Set.of());

  /// Completed invalidation waits.
  public static final EventRegisters INVALIDATION =
      at("IE", 0x0a0, Set.of(Feature.QUEUED_INVALIDATION));

  /// Page requests.
  public static final EventRegisters PAGE_REQUEST = at("PE", 0x0e0, Set.of(Feature.PAGE_REQUESTS));

  /// Counters that overflow.
  public static final EventRegisters PERFORMANCE =
      at("PERFINTR", 0x328, Set.of(Feature.PERFORMANCE_MONITORING));

  /// The registers of every kind of event.
  public static final List<Register> ALL =
      List.of(FAULT, INVALIDATION, PAGE_REQUEST, PERFORMANCE).stream()
          .flatMap(event -> event.registers().stream())
          .toList();

  private static EventRegisters at(String prefix, int offset, Set<Feature> needs) {
    Feature[] all = needs.toArray(Feature[]::new);
    Set<Feature> andExtended = EnumSet.of(Feature.EXTENDED_INTERRUPT_MODE);
    andExtended.addAll(needs);
    return new EventRegisters(
        register(prefix + "CTL", offset, 32, IM.mask(), field(IM, Access.RW), field(IP, Access.RO))
            .needs(all),
        register(prefix + "DATA", offset + 4, 32, 0, field(IMD, Access.RW)).needs(all),
        register(prefix + "ADDR", offset + 8, 32, 0, field(MA, Access.RW)).needs(all),
        register(prefix + "UADDR", offset + 12, 32, 0, field(MUA, Access.RW))
            .needs(andExtended.toArray(Feature[]::new)));
  }

  private List<Register> registers() {
    return List.of(control, data, address, upperAddress);
  }
}
