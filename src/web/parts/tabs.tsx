/** The parts of an area, each a page of its own; the one that is shown is marked. */
export function Tabs({ label, here, parts }: { label: string; here: string; parts: readonly { href: string; text: string }[] }) {
  if (parts.length < 2) return null;
  return (
    <nav class="tabs" aria-label={label}>
      {parts.map(({ href, text }) => (
        <a href={href} aria-current={href === here ? 'page' : undefined}>
          {text}
        </a>
      ))}
    </nav>
  );
}
