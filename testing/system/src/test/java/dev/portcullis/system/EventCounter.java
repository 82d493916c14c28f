package dev.portcullis.system;

import dev.portcullis.pci.RequesterId;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Counts events in a guest, by `perf_event_open`. Busybox has nothing for that, so the guest is
/// given a program of some hundred bytes.
final class EventCounter {
  /// Where the program is in the guest, without the leading slash.
  static final String PATH = "bin/count-events";

  /// Every requester is counted.
  static final long ALL = 0;

  /// The event sources that the kernel has made of the unit.
  static final String SOURCE = "/sys/bus/event_source/devices/dmar0";

  private static final String RESULT = "/run/count";
  private static final Pattern EVENT =
      Pattern.compile("event_group=0x([0-9a-f]+),event=0x([0-9a-f]+)");
  private static final int GROUP_BIT = 28;

  /// Size of `struct perf_event_attr` in its eighth version.
  private static final int ATTRIBUTES_BYTES = 128;

  /// Where its second word of configuration lies.
  private static final int FILTER = 56;

  /// Takes the attributes from standard input, and says in 8 bytes what came of opening the
  /// counter. Counts on processor 0 until there is no more input, and writes the count, or the
  /// error again, as 8 bytes.
  private static final String CODE =
      """
      4881ec00010000    sub rsp, 256
      31c0              xor eax, eax         ; read
      31ff              xor edi, edi         ;   standard input
      4889e6            mov rsi, rsp
      ba80000000        mov edx, 128
      0f05              syscall
      b82a010000        mov eax, 298         ; perf_event_open
      4889e7            mov rdi, rsp         ;   attributes
      4883ceff          or rsi, -1           ;   no process
      31d2              xor edx, edx         ;   processor 0
      4983caff          or r10, -1           ;   no group
      4531c0            xor r8d, r8d         ;   no flags
      0f05              syscall
      4889c3            mov rbx, rax
      48891c24          mov [rsp], rbx
      b801000000        mov eax, 1           ; write
      bf01000000        mov edi, 1           ;   standard output
      4889e6            mov rsi, rsp
      ba08000000        mov edx, 8
      0f05              syscall
      31c0              xor eax, eax         ; read
      31ff              xor edi, edi         ;   standard input, until its end
      488db42480000000  lea rsi, [rsp + 128]
      ba01000000        mov edx, 1
      0f05              syscall
      31c0              xor eax, eax         ; read
      89df              mov edi, ebx         ;   the counter; without one, the error stays
      4889e6            mov rsi, rsp
      ba08000000        mov edx, 8
      0f05              syscall
      b801000000        mov eax, 1           ; write
      bf01000000        mov edi, 1           ;   standard output
      4889e6            mov rsi, rsp
      ba08000000        mov edx, 8
      0f05              syscall
      b83c000000        mov eax, 60          ; exit
      31ff              xor edi, edi
      0f05              syscall
      """;

  private static final int ELF_HEADER_BYTES = 64;
  private static final int PROGRAM_HEADER_BYTES = 56;
  private static final long BASE = 0x40_0000;

  private EventCounter() {}

  /// Writes the program to a file.
  static void writeTo(Path file) throws Exception {
    StringBuilder digits = new StringBuilder();
    CODE.lines().forEach(line -> digits.append(line, 0, line.indexOf(' ')));
    byte[] code = HexFormat.of().parseHex(digits);
    int start = ELF_HEADER_BYTES + PROGRAM_HEADER_BYTES;
    ByteBuffer elf = ByteBuffer.allocate(start + code.length).order(ByteOrder.LITTLE_ENDIAN);
    elf.putInt(0x464c_457f).putInt(0x01_01_02).putLong(0); // 64 bits, little-endian
    elf.putShort((short) 2).putShort((short) 62).putInt(1); // executable, x86-64
    elf.putLong(BASE + start).putLong(ELF_HEADER_BYTES).putLong(0).putInt(0);
    elf.putShort((short) ELF_HEADER_BYTES).putShort((short) PROGRAM_HEADER_BYTES);
    elf.putShort((short) 1).putLong(0); // one program header, no sections
    elf.position(ELF_HEADER_BYTES);
    elf.putInt(1).putInt(5).putLong(0); // load; read and execute
    elf.putLong(BASE).putLong(BASE).putLong(elf.capacity()).putLong(elf.capacity()).putLong(4096);
    elf.put(code);
    Files.write(file, elf.array());
  }

  /// The filter `filter_requester_id`, switched on.
  static long only(RequesterId requester) {
    return 1L | (long) requester.id() << 16;
  }

  /// How often `event` happened while the guest ran `commands`, whose output is dropped.
  ///
  /// @param filter for whom it is counted, [#ALL] or [#only]
  static long count(Guest guest, String event, long filter, String commands) throws Exception {
    int source = Integer.parseInt(guest.shell("cat %s/type".formatted(SOURCE)));
    String which = guest.shell("cat %s/events/%s".formatted(SOURCE, event));
    Matcher m = EVENT.matcher(which);
    if (!m.matches()) {
      throw new AssertionError("%s is written as %s".formatted(event, which));
    }
    long selected = Long.parseLong(m.group(1), 16) << GROUP_BIT | Long.parseLong(m.group(2), 16);
    ByteBuffer attributes = ByteBuffer.allocate(ATTRIBUTES_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    attributes.putInt(source).putInt(ATTRIBUTES_BYTES).putLong(selected);
    attributes.putLong(FILTER, filter);
    String counted =
        guest.shell(
            """
            rm -f %1$s
            {
              printf '%2$s'
              while [ ! -s %1$s ]; do :; done
              { %3$s; } > /dev/null
            } | /%4$s > %1$s
            od -An -td8 -j8 %1$s
            """
                .formatted(RESULT, octal(attributes.array()), commands, PATH));
    long count = Long.parseLong(counted.strip());
    if (count < 0) {
      throw new AssertionError("perf_event_open of %s: error %d".formatted(event, -count));
    }
    return count;
  }

  private static String octal(byte[] bytes) {
    StringBuilder text = new StringBuilder();
    for (byte b : bytes) {
      text.append("\\%03o".formatted(b & 0xff));
    }
    return text.toString();
  }
}
