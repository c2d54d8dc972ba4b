"""Why a decision came out as it did, and what else there was."""
