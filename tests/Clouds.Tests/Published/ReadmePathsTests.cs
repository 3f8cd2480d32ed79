using System.Runtime.Versioning;
using Clouds.Native.Images;
using Clouds.Runtime.Native;
using Clouds.Tests.Cli.Commands;
using Clouds.Tests.Graph.Weights.Torch;
using Clouds.Tests.Runtime.Distributed;
using Clouds.Tests.Training.Released;

namespace Clouds.Tests.Published;

/// <summary>
/// The paths of the README, run as a reader pastes them, with the published program, in a folder with the files that they name. For the sake of time this
/// program's name is a script that lets trainings end after a step, verifies one kernel, and measures small.
/// </summary>
[Kind(TestKind.Published)]
[SupportedOSPlatform("linux")]
public sealed class ReadmePathsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public ReadmePathsTests()
    {
        for (int i = 0; i < 6; i++)
        {
            ImageFile.WritePng(_folder[$"photos/images/street{i}.png"], Pictures.Noise(96, 64, (ulong)i));
            LabelPng.WriteGray8(_folder[$"photos/labels/street{i}.png"], new LabelMap(96, 64, [.. Enumerable.Range(0, 96 * 64).Select(p => (ushort)(p % 4))]));
        }
    }

    public void Dispose() => _folder.Dispose();

    [PublishedFact(PublishedNeeds.None)]
    public void OwnData_AsPasted_TrainsOnTheMiniatureAndLabels()
    {
        string said = Paste("own data");
        Assert.Contains("miniature CLIP", said, StringComparison.Ordinal);
        Assert.True(File.Exists(_folder["run/model.safetensors"]));
        Assert.Equal(6, Directory.GetFiles(_folder["labelled"], "*.labels.png").Length);
        Assert.True(File.Exists(_folder["run/report.html"]));
    }

    [PublishedFact(PublishedNeeds.None)]
    public void PublishedWeights_AsPasted_AreListedImportedAndLabel()
    {
        PublishedContainer.Zip(_folder["published.pth"], TinyCheckpoint.Clouds(TinyCheckpoint.Network(TinyCheckpoint.ConvNeXt, text: false)), "model");
        Assert.Contains("sam_vit_h", Paste("published weights"), StringComparison.Ordinal);
        Assert.Equal(6, Directory.GetFiles(_folder["labelled"], "*.labels.png").Length);
    }

    [PublishedFact(PublishedNeeds.Compiler)]
    public void Kernels_AsPasted_AreVerifiedAndTimed()
    {
        string said = Paste("kernels");
        Assert.Contains("0 failed", said, StringComparison.Ordinal);
        Assert.Contains("GB/s", said, StringComparison.Ordinal);
    }

    [PublishedFact(PublishedNeeds.None)]
    public void SeveralDevices_AsPasted_ShareOneTraining()
    {
        Assert.SkipWhen(Mpirun.Absent is not null, Mpirun.Absent ?? "");
        Run("clouds data init photos");
        Paste("several GPUs");
        Assert.True(File.Exists(_folder["shared/model.safetensors"]));
    }

    private static IEnumerable<(string Name, string Value)> Compiler =>
        NvrtcForTests.Absent is null ? [(Nvrtc.PathVariable, Path.GetDirectoryName(NvrtcForTests.Library.Search.File)!)] : [];

    private string Paste(string path)
    {
        string[] blocks = File.ReadAllText(Path.Combine(Repository.Root, "README.md")).Split($"<!-- run: {path} -->\n```sh\n");
        Assert.True(blocks.Length == 2, $"the README has {blocks.Length - 1} paths '{path}'");
        return Run(blocks[1].Split("```")[0]);
    }

    private string Run(string lines)
    {
        File.WriteAllText(_folder["bin/clouds"], $$"""
            #!/bin/sh
            case "$1" in
              train) exec "{{PublishedClouds.Executable}}" "$@" --steps 1 --set training.batch=2 --device cpu ;;
              evaluate|segment) exec "{{PublishedClouds.Executable}}" "$@" --device cpu ;;
              kernels) exec "{{PublishedClouds.Executable}}" "$@" --kernel ema --seeds 1 ;;
              bench) exec "{{PublishedClouds.Executable}}" "$@" --quick --runs 1 --no-emulated ;;
              *) exec "{{PublishedClouds.Executable}}" "$@" ;;
            esac
            """);
        File.SetUnixFileMode(_folder["bin/clouds"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        CommandLineRun run = PublishedClouds.InShell(
            $"set -e\ncd '{_folder.Path}'\nexport PATH='{_folder["bin"]}':$PATH\n{lines}",
            [
                ("OMPI_ALLOW_RUN_AS_ROOT", "1"), ("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1"), ("OMPI_MCA_btl_vader_single_copy_mechanism", "none"),
                ("TERM", "dumb"), .. Compiler,
            ]);
        Assert.True(run.ExitCode == 0, $"{run.ExitCode}\n{run.Out}\n{run.Error}");
        return run.Out + run.Error;
    }
}
