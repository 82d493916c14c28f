package dev.portcullis.vmm.software.linux;

import dev.portcullis.vmm.software.Client.ClientException;
import dev.portcullis.vmm.software.Client.PackageOffer;

/// What a Linux partition runs for endpoint access control: scripts for any POSIX shell, of which
/// nothing has to be installed.
final class LinuxPosture {
  /// Lines as those of [dev.portcullis.vmm.software.PostureAgent].
  private static final String COLLECT =
      """
      of() { sed -n "s/^$1=\\"\\{0,1\\}\\([^\\"]*\\)\\"\\{0,1\\}$/\\1/p" /etc/os-release 2>/dev/null; }
      say() { # a type, then its fields
        printf %%s "$1"
        shift
        printf '\\t%%s' "$@"
        echo
      }
      collect() {
        say posture 1
        say challenge %s
        say product-information "$(of ID)" "$(of NAME | grep . || uname -s)"
        release=$(uname -r)
        IFS=. read -r major minor build <<END
      $release
      END
        say numeric-version "${major:-0}" "${minor:-0}" "${build%%%%[!0-9]*}"
        say string-version "$(of VERSION_ID | grep . || echo "$release")" "$release"
        say operational-status operational successful
        if [ -s /proc/net/ip_tables_names ]; then
          say port-filter on iptables
        elif command -v nft >/dev/null && nft list ruleset 2>/dev/null | grep -q .; then
          say port-filter on nftables
        else
          say port-filter off none
        fi
        {
          if command -v dpkg-query >/dev/null; then
            dpkg-query -W -f '${Package} ${Version}\\n'
          elif [ -d /var/lib/rpm ]; then
            rpm -qa --qf '%%{NAME} %%{VERSION}-%%{RELEASE}\\n'
          elif [ -r /lib/apk/db/installed ]; then
            sed -n 's/^P:/ /p; s/^V:/ /p' /lib/apk/db/installed | paste -d ' ' - -
          elif command -v busybox >/dev/null; then
            busybox 2>&1 | sed -n '1s/^BusyBox v\\([^ ]*\\).*/busybox \\1/p'
          fi
          cat /var/lib/portcullis/packages/* 2>/dev/null
        } | awk 'NF > 1 && n++ < 4000 { print "installed-package\\t" $1 "\\t" $2 }'
        for disk in /sys/block/*; do
          name=${disk##*/}
          case $name in ram*|zram*|loop*|dm-*|'*') continue ;; esac
          kind=none
          for holder in "$disk"/holders/* "$disk"/*/holders/*; do
            case $(cat "$holder/dm/uuid" 2>/dev/null) in CRYPT-*) kind=dm-crypt ;; esac
          done
          say disk-encryption "$name" "$kind"
        done
        echo end
      }
      # Printable, short, and never empty.
      collect | LC_ALL=C tr -cd 'A-Za-z0-9 ._+~:()/\\t\\n-' | awk 'BEGIN { FS = OFS = "\\t" } {
        for (i = 2; i <= NF; i++) $i = $i == "" ? "unknown" : substr($i, 1, 80)
        print
      }'
      """;

  /// A package is a line `package NAME VERSION`, and shell commands that install it.
  private static final String INSTALL =
      """
      wget -q -O /tmp/offer 'http://%1$s%2$s'
      echo '%3$s  /tmp/offer' | sha256sum -c - >/dev/null 2>&1 || {
        echo 'what was fetched is not what was offered' >&2
        exit 1
      }
      read -r kind name version <<END
      $(head -n 1 /tmp/offer)
      END
      case $kind/$name in
        package/*[!a-z0-9.+-]*|package/) kind= ;;
      esac
      [ "$kind" = package ] || { echo 'what was fetched is no package' >&2; exit 1; }
      sed 1d /tmp/offer > /tmp/install
      sh -e /tmp/install
      mkdir -p /var/lib/portcullis/packages
      echo "$name $version" > /var/lib/portcullis/packages/$name
      rm /tmp/offer /tmp/install
      echo "$name $version"
      """;

  private static final String RESTART =
      """
      if command -v systemctl >/dev/null; then
        systemctl restart %1$s
      elif [ -x /etc/init.d/%1$s ]; then
        /etc/init.d/%1$s restart
      else
        echo 'there is no service %1$s' >&2
        exit 1
      fi
      """;

  private LinuxPosture() {}

  static String collect(String challenge) throws ClientException {
    return COLLECT.formatted(plain("[0-9a-f]{1,64}", challenge));
  }

  static String install(PackageOffer offer) throws ClientException {
    return INSTALL.formatted(
        offer.host(),
        plain("/[\\w./-]{1,200}", offer.path()),
        plain("[0-9a-f]{64}", offer.sha256()));
  }

  static String restart(String service) throws ClientException {
    return RESTART.formatted(plain("[A-Za-z0-9][\\w@.-]{0,62}", service));
  }

  private static String plain(String pattern, String text) throws ClientException {
    if (!text.matches(pattern)) {
      throw new ClientException("what no shell should see: " + text);
    }
    return text;
  }
}
