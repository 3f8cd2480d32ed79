using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Clouds.Tests.Training.Tracking;

/// <summary>A test with a program of somebody else that reads event files; skipped, with the reason, where it is not on this machine.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ForeignReaderFactAttribute : FactAttribute
{
    /// <summary>Looks for it.</summary>
    /// <param name="reader">"protoc" or "tensorboard".</param>
    public ForeignReaderFactAttribute(string reader, [CallerFilePath] string? file = null, [CallerLineNumber] int line = -1)
        : base(file, line) => Skip = reader switch
        {
            "protoc" => Protoc is null ? "the package Grpc.Tools, which carries protoc, is not in NuGet's folder" : null,
            "tensorboard" => HasTensorBoard.Value ? null : "no Python with the package tensorboard on this machine",
            _ => throw new ArgumentOutOfRangeException(nameof(reader)),
        };

    /// <summary>Google's compiler of protocol buffers, or null.</summary>
    public static string? Protoc { get; } = Directory.Exists(GrpcTools)
        ? Directory.GetFiles(GrpcTools, "protoc", SearchOption.AllDirectories).FirstOrDefault(path => path.Contains("linux_x64", StringComparison.Ordinal))
        : null;

    private static string GrpcTools => Path.Combine(
        Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages"),
        "grpc.tools");

    private static Lazy<bool> HasTensorBoard { get; } = new(() => Run("python3", "", "-c", "import tensorboard").ExitCode == 0);

    /// <summary>Runs a program.</summary>
    /// <param name="program">Its file or name.</param>
    /// <param name="inputFile">What it reads on its standard input; "": nothing.</param>
    /// <param name="words">Its arguments.</param>
    public static (int ExitCode, string Out) Run(string program, string inputFile, params string[] words)
    {
        try
        {
            ProcessStartInfo start = new(program, words) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
            using Process process = Process.Start(start)!;
            if (inputFile.Length > 0)
            {
                process.StandardInput.BaseStream.Write(File.ReadAllBytes(inputFile));
            }

            process.StandardInput.Close();
            string text = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, text);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return (-1, "");
        }
    }
}
