namespace Clouds.Tests.Native;

/// <summary>A folder of its own for one test, removed afterwards.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    /// <summary>Makes the folder.</summary>
    public TemporaryFolder() => Root = Directory.CreateTempSubdirectory("clouds-test-").FullName;

    /// <summary>The folder.</summary>
    public string Root { get; }

    /// <summary>A path inside, its folders made.</summary>
    public string this[string relative]
    {
        get
        {
            string path = Path.Combine(Root, relative);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            return path;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(Root, recursive: true);
}
