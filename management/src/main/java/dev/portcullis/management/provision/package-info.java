/// Partitions that come to a platform while it runs, and stay.
package dev.portcullis.management.provision;
