"""The first start of a house: several processes want the secret key that none has written yet."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from rientro.config import environment


def test_all_who_come_first_read_one_whole_key(tmp_path, monkeypatch):
    monkeypatch.delenv("RIENTRO_SECRET_KEY", raising=False)
    monkeypatch.delenv("RIENTRO_SECRET_KEY_FILE", raising=False)
    start = Barrier(8)

    def come(folder):
        start.wait(10)
        return tuple(environment.secret_keys(folder))

    for number in range(20):
        folder = tmp_path / str(number)
        with ThreadPoolExecutor(8) as pool:
            keys = set(pool.map(come, [folder] * 8))
        assert len(keys) == 1
        assert [len(key) for key in keys.pop()] == [64]
        assert [file.name for file in folder.iterdir()] == ["secret-key"]
        assert (folder / "secret-key").stat().st_mode & 0o777 == 0o600
