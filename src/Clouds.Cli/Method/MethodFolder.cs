using Clouds.Diagnostics;
using Clouds.Training.Engine;

namespace Clouds.Cli.Method;

/// <summary>Where a run of the whole method puts what it makes.</summary>
/// <param name="Path">The folder.</param>
internal sealed record MethodFolder(string Path)
{
    /// <summary>What run it is, a <see cref="MethodRecord"/>; it is there from the first moment on.</summary>
    public string Record => In("method.json");

    /// <summary>The prompts, JSON lines as `clouds prompts` writes them.</summary>
    public string Prompts => In("prompts.jsonl");

    /// <summary>The painted images, a store as `clouds generate` fills it.</summary>
    public string Images => In("painted");

    /// <summary>
    /// For the first painted images: NNNNNN.labels.png, what the teacher says at the beginning of stage 2 (train ids with a palette), and what `clouds refine`
    /// makes of it: NNNNNN.refined.png, NNNNNN.refined.json, NNNNNN.xray.html.
    /// </summary>
    public string Xray => In("xray");

    /// <summary>
    /// For the first test scenes of every style: STYLE-N.png, the image; STYLE-N.truth.png and STYLE-N.ARM.png, labels and answers (train ids with a palette).
    /// </summary>
    public string Pictures => In("pictures");

    /// <summary>What was found, a <see cref="MethodResult"/>.</summary>
    public string Result => In("result.json");

    /// <summary>On what machine and in what time, <see cref="MethodTimes"/>.</summary>
    public string Times => In("times.json");

    /// <summary>The page.</summary>
    public string Page => In("index.html");

    /// <summary>Two unseen styles in pictures, without and with the method.</summary>
    public string Strip => In("strip.png");

    /// <summary>A training, as `clouds train` writes it: history, checkpoint, model.</summary>
    public RunFolder Run(MethodArm arm) => new(In(Name(arm)));

    /// <summary>The scores of an arm, which are there when it was tested.</summary>
    public string Scores(MethodArm arm) => System.IO.Path.Combine(Run(arm).Path, "scores.json");

    /// <summary>Removes what an earlier run has left; without its <see cref="Record"/> the folder is somebody else's, and nothing is touched.</summary>
    /// <exception cref="CloudsException">Output: something cannot be removed.</exception>
    public void StartAnew()
    {
        if (!File.Exists(Record))
        {
            return;
        }

        try
        {
            string[] folders = [Images, Xray, Pictures, .. Enum.GetValues<MethodArm>().Select(arm => Run(arm).Path)];
            folders.Where(Directory.Exists).ToList().ForEach(folder => Directory.Delete(folder, recursive: true));
            ((string[])[Prompts, Result, Times, Page, Strip, Record]).ToList().ForEach(File.Delete);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CloudsException(
                Failure.Output, "an earlier run cannot be removed", Path, e.Message, "a folder that can be written", "choose another --out", e);
        }
    }

    /// <summary>An arm's name in files.</summary>
    public static string Name(MethodArm arm) => arm.ToString().ToLowerInvariant();

    private string In(string name) => System.IO.Path.Combine(Path, name);
}
