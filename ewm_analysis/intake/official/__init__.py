"""Official statistics: flat files of GENESIS, SDMX-CSV and TSV of Eurostat."""
