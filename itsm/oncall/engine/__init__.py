"""Who is on duty when: pure Python. `rota` answers, `turns` knows local time, `spans` lays over."""
