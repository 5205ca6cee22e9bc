"""What students import: pictures, checks, progress and explorers. It knows no answer."""
