using System.Diagnostics;
using System.IO.Hashing;
using System.Text;
using Clouds.Cli.Console;
using Clouds.Cli.Reports;
using Clouds.Diagnostics;
using Clouds.Graph.Files;
using Clouds.Native.Images;
using Clouds.Native.Refinement;
using Clouds.Native.Segmentation;
using Clouds.Training.Datasets;

namespace Clouds.Cli.Commands;

/// <summary>An image with its label map, or why it has none.</summary>
internal sealed record RefineInput(RefineJob Job, RgbImage? Image, LabelMap? Labels, string Key, CloudsException? Failure);

/// <summary>Reads what is to be refined and writes what `clouds refine` promises; the record comes last, so whoever has one has all.</summary>
internal sealed class RefineOutput
{
    private const string LabelsEnding = ".refined.png";
    private const string RecordEnding = ".refined.json";
    private const string PageEnding = ".xray.html";

    private readonly string _folder;
    private readonly ulong _seed;
    private readonly IdMap? _ids;
    private readonly bool _xray;
    private readonly string _settings;
    private readonly ClassSet _classes;
    private readonly RgbColour[] _colours;

    /// <param name="folder">The output folder.</param>
    /// <param name="seed">Seed of the points.</param>
    /// <param name="options">How.</param>
    /// <param name="ids">From the files' ids to train ids; null where they are these.</param>
    /// <param name="network">File of the network that makes the masks.</param>
    /// <param name="xray">Whether pages are written.</param>
    /// <param name="classes">Names and colours of the train ids.</param>
    /// <exception cref="CloudsException">BadInput: the network's file cannot be read.</exception>
    public RefineOutput(string folder, ulong seed, RefinementOptions options, IdMap? ids, string network, bool xray, ClassSet classes)
    {
        (_folder, _seed, _ids, _xray, Options, _classes) = (folder, seed, ids, xray, options, classes);
        _colours = RefineClasses.Colours(classes);

        // What changes no result is not part of it: whoever adds pages keeps the maps.
        RefinementOptions telling = options with { PromptsAtOnce = 1 };
        _settings = JsonText.Line(new { seed, ids = ids?.ToString(), refinement = telling, network = Digest(network) });
    }

    /// <summary>How it is refined.</summary>
    public RefinementOptions Options { get; }

    /// <summary>The record of an image whose results are all there and belong to the same files, network and settings; or null.</summary>
    public RefineRecord? Existing(RefineJob job)
    {
        bool written = File.Exists(Name(job, LabelsEnding)) && (!_xray || File.Exists(Name(job, PageEnding)));
        try
        {
            return written && RefineRecord.TryRead(Name(job, RecordEnding)) is RefineRecord record && record.Key == Key(job) ? record : null;
        }
        catch (CloudsException e) when (e.Failure == Failure.BadInput)
        {
            // Whoever refines it hears why its files cannot be read.
            return null;
        }
    }

    /// <summary>Removes what this run makes anew: where it is stopped, no older result passes for one of its own.</summary>
    /// <exception cref="CloudsException">Output: a file cannot be removed.</exception>
    public void Remove(IReadOnlyList<RefineJob> anew)
        => OutputFolder.Remove(_folder, [.. anew.SelectMany(job => All(job.Name)).Where(name => File.Exists(Path.Combine(_folder, name)))]);

    /// <summary>Refuses results of other images, or removes them.</summary>
    /// <exception cref="CloudsException">Usage: there are some and they may not be removed; Output: they cannot be.</exception>
    public void Clear(IReadOnlyList<RefineJob> jobs, bool remove)
    {
        HashSet<string> ours = [.. jobs.Select(job => job.Name + RecordEnding)];
        string[] records = [.. FolderWalk.Files(_folder, name => name.EndsWith(RecordEnding, StringComparison.Ordinal))];
        string[] stale = [.. records.Where(name => !ours.Contains(name))
            .SelectMany(name => All(name[..^RecordEnding.Length])).Where(name => File.Exists(Path.Combine(_folder, name)))];
        OutputFolder.Clear(_folder, stale, remove, "choose another --out, give --overwrite to remove them, or --skip-existing to go on beside them");
    }

    /// <summary>Reads an image and its label map.</summary>
    public RefineInput Read(RefineJob job, Action<string> warn)
    {
        try
        {
            if (job.Load is Func<Sample> load)
            {
                Sample sample = load();
                return new RefineInput(job, sample.Image, sample.Labels, Key(job), null);
            }

            RgbImage image = ImageFile.Read(job.Image, warn);
            LabelMap labels = LabelPng.Read(job.Labels, redIsId: _ids?.ReadsRed ?? false);
            _ids?.Apply(labels, job.Labels);
            return new RefineInput(job, image, labels, Key(job), null);
        }
        catch (CloudsException e) when (e.Failure == Failure.BadInput)
        {
            return new RefineInput(job, null, null, "", e);
        }
    }

    /// <summary>Refines an image and writes its results.</summary>
    /// <exception cref="CloudsException">As the refiner and <see cref="Read"/> say, naming the file; Output.</exception>
    public RefineRecord Refine(RefineInput input, PseudoLabelRefiner refiner, CancellationToken cancellation)
    {
        if (input is not { Image: RgbImage image, Labels: LabelMap labels })
        {
            throw input.Failure!;
        }

        Stopwatch watch = Stopwatch.StartNew();
        RefinementResult result = Run(input, image, labels, refiner, cancellation);
        RefineRecord record = RefineRecord.Of(input.Job, input.Key, labels, result, watch.Elapsed.TotalSeconds, _classes);
        OutputFolder.Create(Path.GetDirectoryName(Name(input.Job, RecordEnding))!);
        LabelPng.WritePalette(Name(input.Job, LabelsEnding), result.Map, _colours);
        if (_xray)
        {
            XrayScene scene = new(Path.GetFileName(input.Job.Image), image, labels, result, Options, _classes);
            AtomicFile.WriteAllBytes(Name(input.Job, PageEnding), Encoding.UTF8.GetBytes(XrayPage.Make(scene)));
        }

        record.Write(Name(input.Job, RecordEnding));
        return record;
    }

    private RefinementResult Run(RefineInput input, RgbImage image, LabelMap labels, PseudoLabelRefiner refiner, CancellationToken cancellation)
    {
        try
        {
            // By its name, not by its place: the same image gets the same points among others.
            int number = (int)XxHash32.HashToUInt32(Encoding.UTF8.GetBytes(input.Job.Name.Replace('\\', '/')));
            return refiner.Refine(image, labels, new PointSeed(_seed, 0, number), _xray, cancellation);
        }
        catch (CloudsException e) when (e.Failure is Failure.BadInput or Failure.Numeric)
        {
            string where = e.Where is null ? input.Job.Labels : $"{input.Job.Labels}, {e.Where}";
            throw new CloudsException(e.Failure, e.What, where, e.Found, next: e.Next, inner: e);
        }
    }

    private static string[] All(string name) => [name + LabelsEnding, name + RecordEnding, name + PageEnding];

    private string Name(RefineJob job, string ending) => Path.Combine(_folder, job.Name + ending);

    private string Key(RefineJob job) => Hex(XxHash128.Hash(Encoding.UTF8.GetBytes($"{_settings}{job.Facts}{string.Concat(job.Files.Select(Digest))}")));

    private static string Digest(string file)
    {
        try
        {
            using FileStream stream = File.OpenRead(file);
            XxHash128 hash = new();
            hash.Append(stream);
            return Hex(hash.GetCurrentHash());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CloudsException(Failure.BadInput, "a file cannot be read", file, e.Message, next: "check the path and the permissions", inner: e);
        }
    }

    private static string Hex(byte[] hash) => Convert.ToHexStringLower(hash);
}
