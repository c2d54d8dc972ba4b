owner = "Zoë 🚀 \u00e9"
# Schwelle für die Größe: 80 % – „hoch“
cpu = 80 # 漢字 still the comment and on
note = "a b"
