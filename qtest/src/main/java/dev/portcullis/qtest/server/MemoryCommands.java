package dev.portcullis.qtest.server;

import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;

/// The commands that move bytes: memory, registers, ports.
final class MemoryCommands {
  /// Most bytes that one command moves.
  static final int LIMIT_BYTES = 8 << 20;

  /// Most bytes that one command fills.
  static final long FILL_LIMIT_BYTES = 1L << 30;

  private static final int SHORTEST_DATA = 3;
  private static final int HEX_PREFIX = 2;
  private static final String NO_DATA = "ERR invalid argument size";
  private static final HexFormat HEX = HexFormat.of();
  private static final Map<Character, Integer> WIDTHS = Map.of('b', 1, 'w', 2, 'l', 4, 'q', 8);

  private final QtestMachine machine;

  MemoryCommands(QtestMachine machine) {
    this.machine = machine;
  }

  /// Adds the commands to `table`.
  void addTo(Map<String, Command> table) {
    WIDTHS.forEach((letter, width) -> {
      table.put("read" + letter, words -> readOne(words, width));
      table.put("write" + letter, words -> writeOne(words, width));
      if (width < 8) {
        table.put("in" + letter, words -> in(words, width));
        table.put("out" + letter, words -> out(words, width));
      }
    });
    table.put("read", this::read);
    table.put("write", this::write);
    table.put("b64read", this::readBase64);
    table.put("b64write", this::writeBase64);
    table.put("memset", this::fill);
  }

  private String readOne(Words words, int width) throws Refused {
    long address = words.number(1);
    requireRoom(words, address, width);
    return "OK 0x%016x".formatted(machine.read(address, width));
  }

  private String writeOne(Words words, int width) throws Refused {
    long address = words.number(1);
    long value = words.number(2);
    requireRoom(words, address, width);
    machine.write(address, width, value & -1L >>> 64 - 8 * width);
    return Command.OK;
  }

  private static void requireRoom(Words words, long address, int width) throws Refused {
    if (Long.compareUnsigned(address, address + width - 1) > 0) {
      throw new Refused("%s: beyond the end of the address space".formatted(words.command()));
    }
  }

  private String in(Words words, int width) throws Refused {
    return "OK 0x%04x".formatted(machine.in(words.port(1), width));
  }

  private String out(Words words, int width) throws Refused {
    int port = words.port(1);
    machine.out(port, width, words.number(2) & -1L >>> 64 - 8 * width);
    return Command.OK;
  }

  private String read(Words words) throws Refused {
    byte[] data = new byte[(int) words.size(LIMIT_BYTES)];
    if (data.length == 0) {
      throw new Refused("read: nothing to read");
    }
    machine.read(words.number(1), data);
    return "OK 0x" + HEX.formatHex(data);
  }

  private String readBase64(Words words) throws Refused {
    byte[] data = new byte[(int) words.size(LIMIT_BYTES)];
    machine.read(words.number(1), data);
    return "OK " + Base64.getEncoder().encodeToString(data);
  }

  /// Data shorter than the size is filled up by zeroes, data longer is cut.
  private String write(Words words) throws Refused {
    int size = (int) words.size(LIMIT_BYTES);
    String hex = words.word(3);
    if (hex.length() < SHORTEST_DATA) {
      return NO_DATA;
    }
    int digits = Math.min(2 * size, (hex.length() - HEX_PREFIX) & ~1);
    try {
      byte[] data = HEX.parseHex(hex, HEX_PREFIX, HEX_PREFIX + digits);
      machine.write(words.number(1), Arrays.copyOf(data, size));
      return Command.OK;
    } catch (IllegalArgumentException noHex) {
      throw new Refused("write: data is not hexadecimal");
    }
  }

  private String writeBase64(Words words) throws Refused {
    int size = (int) words.size(LIMIT_BYTES);
    String text = words.word(3);
    if (text.length() < SHORTEST_DATA) {
      return NO_DATA;
    }
    try {
      byte[] data = Base64.getDecoder().decode(text);
      machine.write(words.number(1), Arrays.copyOf(data, Math.min(size, data.length)));
      return Command.OK;
    } catch (IllegalArgumentException noBase64) {
      throw new Refused("b64write: data is not base64");
    }
  }

  private String fill(Words words) throws Refused {
    long size = words.size(FILL_LIMIT_BYTES);
    byte value = (byte) words.number(3);
    machine.fill(words.number(1), size, value);
    return Command.OK;
  }
}
