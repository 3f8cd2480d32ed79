namespace Clouds.Cli.Devices;

/// <summary>The executable `clouds` that runs, for a process of its own.</summary>
internal static class OwnExecutable
{
    /// <summary>Where it lies; null: this process is no `clouds`.</summary>
    public static string? Path
    {
        get
        {
            // In a test the process is the test host, and the program stands beside it.
            string beside = System.IO.Path.Combine(AppContext.BaseDirectory, "clouds");
            return System.IO.Path.GetFileName(Environment.ProcessPath) == "clouds" ? Environment.ProcessPath : File.Exists(beside) ? beside : null;
        }
    }
}
