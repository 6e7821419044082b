using AkkaCompute.Lighthouse.Runtime;

namespace AkkaCompute.Lighthouse.Journal;

/// <summary>One Lighthouse a folder: held as long as the process lives, let go by the system when it dies.</summary>
internal sealed class PoolLock : IDisposable
{
    private readonly FileStream _file;

    private PoolLock(FileStream file) => _file = file;

    /// <exception cref="PoolInUseException">Another process has it.</exception>
    public static PoolLock Take(string folder)
    {
        var path = Path.Combine(folder, "lock");
        try
        {
            return new PoolLock(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException e) when (File.Exists(path))
        {
            throw new PoolInUseException($"a Lighthouse already runs on {folder}: stop it with 'akc down', or use another AKC_HOME", e);
        }
    }

    public void Dispose() => _file.Dispose();
}
