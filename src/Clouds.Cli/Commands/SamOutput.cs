using System.Diagnostics;
using System.Text;
using Clouds.Cli.Reports;
using Clouds.Diagnostics;
using Clouds.Graph.Files;
using Clouds.Native.Images;
using Clouds.Native.Refinement;
using Clouds.Native.Sam;

namespace Clouds.Cli.Commands;

/// <summary>What `clouds sam` looks for.</summary>
/// <param name="Prompts">None where everything is looked for.</param>
/// <param name="Everything">How that is looked for; null: the prompts are.</param>
/// <param name="Best">One mask a prompt instead of three.</param>
internal sealed record SamQuestion(IReadOnlyList<SamPrompt> Prompts, EverythingOptions? Everything, bool Best)
{
    /// <summary>Answers to wait for, an image.</summary>
    public int Steps => Everything is null ? Prompts.Count : Everything.PointsPerSide * Everything.PointsPerSide;
}

/// <summary>Asks about images and writes what `clouds sam` promises; the record comes last, so whoever has one has all.</summary>
/// <param name="sam">Who answers.</param>
/// <param name="embeddings">How images are looked at for prompts.</param>
/// <param name="question">What is looked for.</param>
/// <param name="files">Where it is written.</param>
internal sealed class SamOutput(SegmentAnything sam, EmbeddingCache embeddings, SamQuestion question, SamFiles files)
{
    /// <summary>Asks all about an image.</summary>
    /// <param name="job">The image.</param>
    /// <param name="image">Its pixels.</param>
    /// <param name="answered">Called with the answers so far.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="CloudsException">BadInput: a prompt does not lie in the image; Output; and as the network says.</exception>
    public SamRecord Write(SegmentJob job, RgbImage image, Action<long> answered, CancellationToken cancellation)
    {
        question.Prompts.ToList().ForEach(prompt => prompt.Require(image, job.Image));
        Stopwatch watch = Stopwatch.StartNew();
        OutputFolder.Create(Path.GetDirectoryName(files.Record(job))!);
        SamOverlay overlay = new(image);
        SamFound? found = question.Everything is null ? null : Find(job, image, overlay, answered, cancellation);
        SamPromptRow[] rows = found is null ? Answer(job, image, overlay, answered, cancellation) : [];
        ImageFile.WritePng(files.Overlay(job), overlay.Paint(question.Prompts));
        SamRecord record = new(job.Image, image.Width, image.Height, Math.Round(watch.Elapsed.TotalSeconds, 4), sam.Device.ToString(), rows, found);
        record.Write(files.Record(job));
        return record;
    }

    private SamPromptRow[] Answer(SegmentJob job, RgbImage image, SamOverlay overlay, Action<long> answered, CancellationToken cancellation)
    {
        ImageEmbedding embedding = embeddings.Embed(image, cancellation);
        MaskPrompt[] asked = [.. question.Prompts.Select(prompt => prompt.For(embedding))];
        List<SamPromptRow> rows = [];
        foreach (PromptAnswer answer in embedding.Predict(asked, cancellation: cancellation))
        {
            rows.Add(SamPromptRow.Of(question.Prompts[rows.Count], [.. Masks(job, rows.Count, answer, overlay)]));
            answered(rows.Count);
        }

        return [.. rows];
    }

    private SamFound Find(SegmentJob job, RgbImage image, SamOverlay overlay, Action<long> answered, CancellationToken cancellation)
    {
        IReadOnlyList<FoundMask> found = sam.FindEverything(image, question.Everything, new Steps(answered), cancellation);
        found.ToList().ForEach(mask => overlay.Add(mask.Mask));
        string file = files.Everything(job);
        AtomicFile.WriteAllBytes(file, Encoding.UTF8.GetBytes(CocoMasks.ToJson(found)));
        return new SamFound(Path.GetFileName(file), found.Count);
    }

    private IEnumerable<SamMaskRow> Masks(SegmentJob job, int prompt, PromptAnswer answer, SamOverlay overlay)
    {
        for (int i = 0; i < answer.Masks.Count; i++)
        {
            bool best = answer.Masks[i] == answer.Best;
            if (!best && question.Best)
            {
                continue;
            }

            PixelMask mask = answer.Masks[i].ToMask();
            string file = files.Mask(job, prompt, question.Best ? null : i);
            LabelPng.WriteGray8(file, Picture(mask));
            if (best)
            {
                overlay.Add(mask);
            }

            yield return SamMaskRow.Of(Path.GetFileName(file), answer.Masks[i].Score, best, mask);
        }
    }

    private static LabelMap Picture(PixelMask mask)
    {
        LabelMap picture = new(mask.Width, mask.Height);
        for (int i = 0; i < picture.Ids.Length; i++)
        {
            picture.Ids[i] = mask.Contains(i % mask.Width, i / mask.Width) ? byte.MaxValue : (ushort)0;
        }

        return picture;
    }

    private sealed class Steps(Action<long> answered) : IProgress<ProgressReport>
    {
        public void Report(ProgressReport value) => answered(value.Done);
    }
}
