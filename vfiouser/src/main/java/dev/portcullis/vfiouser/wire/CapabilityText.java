package dev.portcullis.vfiouser.wire;

import dev.portcullis.linux.Errno;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/// Capabilities as JSON: `{"capabilities":{"max_msg_fds":16,…}}` and a NUL. Names that we do not
/// know are passed over, as the protocol may grow.
final class CapabilityText {
  private static final String CAPABILITIES = "capabilities";
  private static final JsonFactory JSON = new JsonFactory();

  private CapabilityText() {}

  static Map<Capability, Long> parse(byte[] text) throws ProtocolException {
    int end = text.length - 1;
    if (text[end] != 0) {
      throw ProtocolException.unacceptable(Errno.EINVAL, "version data do not end with NUL");
    }
    try (JsonParser in = JSON.createParser(ObjectReadContext.empty(), text, 0, end)) {
      EnumMap<Capability, Long> found = new EnumMap<>(Capability.class);
      expect(in.nextToken() == JsonToken.START_OBJECT);
      while (in.nextToken() == JsonToken.PROPERTY_NAME) {
        boolean ours = in.currentName().equals(CAPABILITIES);
        JsonToken value = in.nextToken();
        if (ours) {
          expect(value == JsonToken.START_OBJECT);
          parseCapabilities(in, found);
        } else {
          in.skipChildren();
        }
      }
      expect(in.currentToken() == JsonToken.END_OBJECT && in.nextToken() == null);
      return found;
    } catch (JacksonException e) {
      throw ProtocolException.unacceptable(Errno.EINVAL, "version data are no JSON");
    }
  }

  private static void parseCapabilities(JsonParser in, Map<Capability, Long> found)
      throws ProtocolException {
    while (in.nextToken() == JsonToken.PROPERTY_NAME) {
      Capability capability = named(in.currentName());
      JsonToken value = in.nextToken();
      if (capability == null) {
        in.skipChildren();
      } else if (capability.isBoolean()) {
        expect(value == JsonToken.VALUE_TRUE || value == JsonToken.VALUE_FALSE);
        found.put(capability, value == JsonToken.VALUE_TRUE ? 1L : 0L);
      } else {
        expect(value == JsonToken.VALUE_NUMBER_INT);
        found.put(capability, in.getLongValue());
      }
    }
  }

  private static Capability named(String name) {
    for (Capability one : Capability.values()) {
      if (one.wireName().equals(name)) {
        return one;
      }
    }
    return null;
  }

  private static void expect(boolean holds) throws ProtocolException {
    if (!holds) {
      throw ProtocolException.unacceptable(
          Errno.EINVAL, "version data are not what the protocol asks for");
    }
  }

  /// The text with as many capabilities, in order, as fit into `mostBytes`; nothing at all if not
  /// even an empty list does.
  static byte[] write(Map<Capability, Long> capabilities, long mostBytes) {
    byte[] best = {};
    EnumMap<Capability, Long> some = new EnumMap<>(Capability.class);
    byte[] text = text(some);
    var more = capabilities.entrySet().iterator();
    while (text.length <= mostBytes) {
      best = text;
      if (!more.hasNext()) {
        break;
      }
      var next = more.next();
      some.put(next.getKey(), next.getValue());
      text = text(some);
    }
    return best;
  }

  private static byte[] text(Map<Capability, Long> capabilities) {
    StringWriter text = new StringWriter();
    try (JsonGenerator out = JSON.createGenerator(ObjectWriteContext.empty(), text)) {
      out.writeStartObject();
      out.writeObjectPropertyStart(CAPABILITIES);
      capabilities.forEach((capability, value) -> {
        if (capability.isBoolean()) {
          out.writeBooleanProperty(capability.wireName(), value != 0);
        } else {
          out.writeNumberProperty(capability.wireName(), value);
        }
      });
      out.writeEndObject();
      out.writeEndObject();
    }
    return (text + "\0").getBytes(StandardCharsets.UTF_8);
  }
}
