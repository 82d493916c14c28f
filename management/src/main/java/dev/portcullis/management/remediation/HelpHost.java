package dev.portcullis.management.remediation;

import dev.portcullis.devices.wire.Cable;
import dev.portcullis.net.host.HostOptions;
import dev.portcullis.net.host.NetworkHost;
import dev.portcullis.net.http.Headers;
import dev.portcullis.net.http.HttpRequest;
import dev.portcullis.net.http.HttpResponse;
import dev.portcullis.net.http.HttpServer;
import dev.portcullis.net.packet.Ipv4Address;
import dev.portcullis.net.packet.MacAddress;
import dev.portcullis.vmm.VmmException;
import dev.portcullis.vmm.bridge.HostPorts;
import dev.portcullis.vmm.platform.description.NetworkAddress;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/// The services partition's host that a partition reaches which may go nowhere else: it says why,
/// whatever page it is asked for, and has the packages that are offered.
///
/// Who asks is told by the address: a partition's card sends with no other than its own.
public final class HelpHost implements AutoCloseable {
  /// The port of the bridge that it is at.
  public static final String PORT = "help";

  private static final String PACKAGES = "/packages/";
  private static final int HTTP = 80;
  private static final MacAddress MAC = new MacAddress(0x0250_56ff_ff01L);

  private final HostPorts ports;
  private final NetworkHost host;
  private final HttpServer server;
  private final Map<String, byte[]> packages = new ConcurrentHashMap<>();

  private HelpHost(HostPorts ports, NetworkHost host, Function<Ipv4Address, CaptivePage> pages)
      throws IOException {
    this.ports = ports;
    this.host = host;
    this.server = HttpServer.start(host, HTTP, request -> answer(request, pages));
  }

  /// Has the host run at a port of the bridge.
  ///
  /// @param pages what to say to whoever has an address
  /// @throws VmmException if the bridge has no port for it
  public static HelpHost start(
      NetworkAddress address, HostPorts ports, Function<Ipv4Address, CaptivePage> pages)
      throws VmmException {
    Cable cable = new Cable();
    NetworkHost host = NetworkHost.attach(HostOptions.of(MAC, address.toString()), cable.one());
    try {
      HelpHost help = new HelpHost(ports, host, pages);
      ports.attach(PORT, cable.other());
      return help;
    } catch (IOException e) {
      throw new AssertionError("a new host has all its ports free", e);
    } catch (VmmException e) {
      host.close();
      throw e;
    }
  }

  /// Where it is.
  public Ipv4Address address() {
    return host.address();
  }

  /// Offers a package.
  ///
  /// @return the path of its page
  String offer(String name, byte[] content) {
    packages.put(name, content);
    return PACKAGES + name;
  }

  private HttpResponse answer(HttpRequest request, Function<Ipv4Address, CaptivePage> pages) {
    if (!request.method().equals("GET") && !request.method().equals("HEAD")) {
      return HttpResponse.text(405, "text/plain", "GET or HEAD\n");
    }
    if (!request.path().startsWith(PACKAGES)) {
      return HttpResponse.text(200, "text/html", pages.apply(request.client()).html())
          .with("Cache-Control", "no-store");
    }
    byte[] content = packages.get(request.path().substring(PACKAGES.length()));
    return content == null
        ? HttpResponse.text(404, "text/plain", "there is no such package\n")
        : new HttpResponse(
            200,
            Headers.NONE.with("Content-Type", "application/octet-stream"),
            content.length,
            out -> out.write(content));
  }

  @Override
  public void close() {
    ports.detach(PORT);
    server.close();
    host.close();
  }
}
