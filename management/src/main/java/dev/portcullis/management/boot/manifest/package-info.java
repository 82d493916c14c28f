/// What a partition should boot from: manifests, and the signatures that make them count.
package dev.portcullis.management.boot.manifest;
